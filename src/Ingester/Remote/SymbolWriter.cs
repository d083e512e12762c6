using System.Buffers.Binary;
using Deucalion.Common.Contracts;
using Deucalion.Common.Protobuf;

namespace Deucalion.Ingester.Remote;

/// <summary>
/// Gives numbers to the texts of a batch that are sent. A text that equals the one at the same place of the labels before is sent once: neighbours in a
/// request mostly differ in few labels, and comparing costs less than looking up. Reused; not thread-safe.
/// </summary>
internal sealed class SymbolWriter : IDisposable
{
    private readonly ProtobufBuffer _text = new();
    private readonly ProtobufBuffer _lengths = new();
    private int _count;

    /// <summary>The texts, one behind the other.</summary>
    public ReadOnlySpan<byte> Text => _text.Span;

    /// <summary>Their lengths, as a column.</summary>
    public ReadOnlySpan<byte> Lengths => _lengths.Span;

    /// <summary>Starts over.</summary>
    public void Clear()
    {
        _text.Clear();
        _lengths.Clear();
        _count = 0;
    }

    /// <summary>The number of a text.</summary>
    public int Add(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_text.Append(text.Length));
        BinaryPrimitives.WriteInt32LittleEndian(_lengths.Append(sizeof(int)), text.Length);
        return _count++;
    }

    /// <summary>
    /// Writes the numbers of names and values of <paramref name="labels"/>; <paramref name="before"/> are the labels before them, and
    /// <paramref name="numbersBefore"/> what was written for those.
    /// </summary>
    public void Write(
        Span<byte> numbers, ReadOnlySpan<WriteLabel> labels, ReadOnlySpan<byte> numbersBefore, ReadOnlySpan<WriteLabel> before, ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            ref readonly var label = ref labels[i];
            var name = text.Slice(label.NameOffset, label.NameLength);
            var value = text.Slice(label.ValueOffset, label.ValueLength);
            var known = i < before.Length;
            var nameNumber = known && name.SequenceEqual(text.Slice(before[i].NameOffset, before[i].NameLength))
                ? BinaryPrimitives.ReadInt32LittleEndian(numbersBefore[(8 * i)..])
                : Add(name);
            var valueNumber = known && value.SequenceEqual(text.Slice(before[i].ValueOffset, before[i].ValueLength))
                ? BinaryPrimitives.ReadInt32LittleEndian(numbersBefore[((8 * i) + 4)..])
                : Add(value);
            BinaryPrimitives.WriteInt32LittleEndian(numbers[(8 * i)..], nameNumber);
            BinaryPrimitives.WriteInt32LittleEndian(numbers[((8 * i) + 4)..], valueNumber);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _text.Dispose();
        _lengths.Dispose();
    }
}
