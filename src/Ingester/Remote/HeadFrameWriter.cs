using System.Buffers.Binary;
using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Protobuf;
using Labels = Deucalion.Common.Labels.Labels;

namespace Deucalion.Ingester.Remote;

/// <summary>
/// Puts a <c>HeadReadFrame</c> together, column by column. One writer serves a stream: it knows which texts were sent. Not thread-safe.
/// </summary>
internal sealed class HeadFrameWriter : IDisposable
{
    private const int FullAt = 1 << 20;

    private readonly ProtobufBuffer?[] _columns = new ProtobufBuffer?[HeadReadFrame.EndFieldNumber];
    private readonly Dictionary<string, int> _symbols = [];
    private readonly ProtobufBuffer _frame = new();
    private Labels _previous = Labels.Empty;
    private int[] _previousNumbers = [];
    private int _size;

    /// <summary>Whether the frame should be sent before more is added.</summary>
    public bool IsFull => _size >= FullAt;

    /// <summary>Adds an 8-bit number to a column.</summary>
    public void Byte(int field, byte value) => Append(field, 1)[0] = value;

    /// <summary>Adds a 32-bit number to a column.</summary>
    public void Int32(int field, int value) => BinaryPrimitives.WriteInt32LittleEndian(Append(field, sizeof(int)), value);

    /// <summary>Adds a 64-bit number to a column.</summary>
    public void Int64(int field, long value) => BinaryPrimitives.WriteInt64LittleEndian(Append(field, sizeof(long)), value);

    /// <summary>Adds a floating-point number to a column.</summary>
    public void Double(int field, double value) => BinaryPrimitives.WriteDoubleLittleEndian(Append(field, sizeof(double)), value);

    /// <summary>Adds bytes to a column.</summary>
    public void Bytes(int field, ReadOnlySpan<byte> bytes) => bytes.CopyTo(Append(field, bytes.Length));

    /// <summary>Adds the number of a text to a column.</summary>
    public void Symbol(int field, string text) => Int32(field, NumberOf(text));

    /// <summary>Adds a label set: how many labels to one column, their symbols to another.</summary>
    public void LabelSet(int countField, int labelField, Labels labels)
    {
        Int32(countField, labels.Count);
        var pairs = labels.Pairs;
        if (_previousNumbers.Length < pairs.Length)
        {
            Array.Resize(ref _previousNumbers, Math.Max(pairs.Length, 64));
        }

        // Neighbours mostly share strings: what is the same one needs no look-up.
        var before = _previous.Pairs;
        for (var i = 0; i < pairs.Length; i++)
        {
            if (i >= before.Length || !ReferenceEquals(pairs[i], before[i]))
            {
                _previousNumbers[i] = NumberOf(pairs[i]);
            }

            Int32(labelField, _previousNumbers[i]);
        }

        _previous = labels;
    }

    /// <summary>Whether the first series of this frame is the last one of the frame before.</summary>
    public bool IsContinued { get; set; }

    /// <summary>Figures of a head that this frame carries.</summary>
    public HeadFiguresBody? Figures { get; set; }

    /// <summary>Ends a frame of a partition's contents, the last one with the hand-overs; valid until the next one is ended.</summary>
    public ReadOnlyMemory<byte> Finish(PartitionId partition, IReadOnlyList<TruncatedGeneration> handOvers)
    {
        _frame.Clear();
        _frame.Tag(HeadReadFrame.PartitionFieldNumber, ProtobufReader.Varint);
        _frame.Varint((ulong)partition.Value);
        _frame.Number(HeadReadFrame.IsContinuedFieldNumber, IsContinued ? 1UL : 0);
        for (var field = 0; field < _columns.Length; field++)
        {
            if (_columns[field] is { Length: > 0 } column)
            {
                _frame.Field(field, column.Span);
                column.Clear();
            }
        }

        if (Figures is { } figures)
        {
            _frame.Field(HeadReadFrame.FiguresFieldNumber, figures);
        }

        foreach (var handOver in handOvers)
        {
            _frame.Field(HeadReadFrame.HandOversFieldNumber, new HandOver { Generation = handOver.Generation, Ulid = handOver.Ulid });
        }

        (_size, IsContinued, Figures) = (0, false, null);
        return _frame.Memory;
    }

    /// <summary>Writes the last frame.</summary>
    public ReadOnlyMemory<byte> Finish(HeadReadEnd end)
    {
        _frame.Clear();
        _frame.Field(HeadReadFrame.EndFieldNumber, end);
        return _frame.Memory;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _frame.Dispose();
        foreach (var column in _columns)
        {
            column?.Dispose();
        }
    }

    private int NumberOf(string text)
    {
        if (!_symbols.TryGetValue(text, out var number))
        {
            number = _symbols.Count;
            _symbols.Add(text, number);
            var length = Encoding.UTF8.GetByteCount(text);
            Encoding.UTF8.GetBytes(text, Append(HeadReadFrame.TextFieldNumber, length));
            Int32(HeadReadFrame.SymbolLengthsFieldNumber, length);
        }

        return number;
    }

    private Span<byte> Append(int field, int count)
    {
        _size += count;
        return (_columns[field] ??= new ProtobufBuffer()).Append(count);
    }
}
