using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace Deucalion.Common.Protobuf;

/// <summary>
/// Bytes being put together in a pooled array that grows, with protobuf fields for what generated code would copy once more. Reused through
/// <see cref="Clear"/>; not thread-safe.
/// </summary>
public sealed class ProtobufBuffer : IBufferWriter<byte>, IDisposable
{
    private const int FirstLength = 4096;

    // What one odd message made grow is not kept for the next.
    private const int KeptLength = 4 << 20;

    private byte[] _bytes = [];

    /// <summary>Number of bytes.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes; valid until the next change.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    /// <summary>The bytes; valid until the next change.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    /// <summary>Bytes that a number of variable length takes.</summary>
    public static int VarintSize(ulong value)
    {
        var size = 1;
        while (value >= 0x80)
        {
            value >>= 7;
            size++;
        }

        return size;
    }

    /// <summary>Appends room for so many bytes and returns it; valid until the next change.</summary>
    public Span<byte> Append(int count)
    {
        Reserve(count);
        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }

    /// <summary>Appends a number of variable length.</summary>
    public void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            Append(1)[0] = (byte)(value | 0x80);
            value >>= 7;
        }

        Append(1)[0] = (byte)value;
    }

    /// <summary>Appends the number and wire type of a field.</summary>
    public void Tag(int field, int wireType) => Varint(((ulong)(uint)field << 3) | (uint)wireType);

    /// <summary>Appends a number as a field; nothing where it is 0.</summary>
    public void Number(int field, ulong value)
    {
        if (value != 0)
        {
            Tag(field, ProtobufReader.Varint);
            Varint(value);
        }
    }

    /// <summary>Appends bytes as a field; nothing where there are none.</summary>
    public void Field(int field, ReadOnlySpan<byte> content)
    {
        if (!content.IsEmpty)
        {
            content.CopyTo(Field(field, content.Length));
        }
    }

    /// <summary>Appends a field of so many bytes and returns where they go; valid until the next change.</summary>
    public Span<byte> Field(int field, int length)
    {
        Tag(field, ProtobufReader.Bytes);
        Varint((ulong)length);
        return Append(length);
    }

    /// <summary>Appends a message as a field.</summary>
    public void Field(int field, IMessage message) => message.WriteTo(Field(field, message.CalculateSize()));

    /// <summary>Begins a field of a length that is known only behind it: four bytes are left for the length. For <see cref="EndField"/>.</summary>
    public int BeginField(int field)
    {
        Tag(field, ProtobufReader.Bytes);
        Append(4);
        return Length;
    }

    /// <summary>Ends the field that began at <paramref name="start"/>: fills in its length, in more bytes than it may need.</summary>
    public void EndField(int start)
    {
        var length = Length - start;
        if (length >= 1 << 28)
        {
            throw new InvalidOperationException($"a field of {length} bytes");
        }

        BinaryPrimitives.WriteUInt32LittleEndian(
            _bytes.AsSpan(start - 4),
            (uint)((length & 0x7F) | 0x80 | (((length >> 7 & 0x7F) | 0x80) << 8) | (((length >> 14 & 0x7F) | 0x80) << 16) | ((length >> 21) << 24)));
    }

    /// <inheritdoc/>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsSpan(Length);
    }

    /// <summary>Takes everything behind a length away.</summary>
    public void CutBack(int length) => Length = Math.Min(Length, length);

    /// <summary>Empties the buffer.</summary>
    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > KeptLength)
        {
            Dispose();
        }
    }

    /// <summary>Gives the memory back; the buffer is empty and may be used again.</summary>
    public void Dispose()
    {
        var bytes = _bytes;
        _bytes = [];
        Length = 0;
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private void Reserve(int count)
    {
        if (Length + count > _bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstLength, Math.Max(Length + count, 2 * _bytes.Length)));
            Span.CopyTo(larger);
            var old = _bytes;
            _bytes = larger;
            if (old.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(old);
            }
        }
    }
}
