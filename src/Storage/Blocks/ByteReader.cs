using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Deucalion.Storage.Blocks;

/// <summary>
/// Reads the numbers and strings of the block files off a span; what runs over its end is <see cref="CorruptBlockException"/>.
/// </summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; set; }

    public readonly int Left => _bytes.Length - Position;

    public byte Byte()
    {
        if (Left < 1)
        {
            Short();
        }

        return _bytes[Position++];
    }

    public uint UInt32()
    {
        var value = BinaryPrimitives.ReadUInt32BigEndian(Bytes(4));
        return value;
    }

    public ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Bytes(8));

    public ulong Uvarint()
    {
        var result = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var b = Byte();
            result |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return result;
            }
        }

        throw new CorruptBlockException("a number has no end");
    }

    public uint Uvarint32()
    {
        var value = Uvarint();
        return value <= uint.MaxValue ? (uint)value : throw new CorruptBlockException("a number is too large");
    }

    public long Varint()
    {
        var value = Uvarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>
    /// A count of things that take at least <paramref name="minSize"/> bytes each, so that it can be trusted in an allocation.
    /// </summary>
    public int Count(int minSize)
    {
        var value = Uvarint();
        if (value > (ulong)(Left / minSize))
        {
            Short();
        }

        return (int)value;
    }

    public ReadOnlySpan<byte> String() => Bytes(Count(1));

    public ReadOnlySpan<byte> Bytes(int length)
    {
        if (length > Left)
        {
            Short();
        }

        Position += length;
        return _bytes.Slice(Position - length, length);
    }

    [DoesNotReturn]
    private static void Short() => throw new CorruptBlockException("the data ends too early");
}
