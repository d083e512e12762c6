using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Deucalion.Storage.Chunks.Bits;

/// <summary>
/// Reads the bit streams of chunks, most significant bit first. Running over the end is <see cref="CorruptChunkException"/>.
/// </summary>
internal ref struct BitReader(ReadOnlySpan<byte> bytes)
{
    // Ones of the longest prefix whose number lies within 57 bits together with it.
    private const int LongestShort = 6;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private long _position;

    public readonly long Left => (_bytes.Length * 8L) - _position;

    public bool Bit() => Bits(1) != 0;

    /// <summary>The next bits, 0 … 64.</summary>
    public ulong Bits(int count)
    {
        if (count > Left)
        {
            Short();
        }

        if (count == 0)
        {
            return 0;
        }

        if (count > 56)
        {
            var high = Peek() >> 32;
            _position += 32;
            var low = Peek() >> (96 - count);
            _position += count - 32;
            return (high << (count - 32)) | low;
        }

        var result = Peek() >> (64 - count);
        _position += count;
        return result;
    }

    public double Double() => BitConverter.UInt64BitsToDouble(Bits(64));

    /// <summary>A LEB128 number whose bytes lie at the current bit.</summary>
    public ulong Uvarint()
    {
        var result = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var b = Bits(8);
            result |= (b & 0x7f) << shift;
            if (b < 0x80)
            {
                return result;
            }
        }

        throw new CorruptChunkException("a number in a chunk has no end");
    }

    public long Varint()
    {
        var value = Uvarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public long VarbitInt()
    {
        var size = VarbitSize();
        var bits = Bits(size);
        return size is 0 or 64 || bits <= 1UL << (size - 1) ? (long)bits : (long)bits - (1L << size);
    }

    /// <summary>As many numbers as the destination takes.</summary>
    public void VarbitInts(Span<long> destination)
    {
        var bytes = _bytes;
        var position = _position;
        var i = 0;

        // Away from the end prefix and number nearly always lie in one word, which is read once. Longer numbers are left to the general form.
        for (; i < destination.Length && (int)(position >> 3) <= bytes.Length - sizeof(ulong); i++)
        {
            var word = BinaryPrimitives.ReadUInt64BigEndian(bytes[(int)(position >> 3)..]) << (int)(position & 7);
            if ((long)word >= 0)
            {
                destination[i] = 0;
                position++;
                continue;
            }

            var ones = BitOperations.LeadingZeroCount(~word);
            if (ones > LongestShort)
            {
                _position = position;
                destination[i] = VarbitInt();
                position = _position;
                continue;
            }

            int size = Varbit.Sizes[ones];
            var number = (word << (ones + 1)) >> (64 - size);
            destination[i] = number <= 1UL << (size - 1) ? (long)number : (long)number - (1L << size);
            position += ones + 1 + size;
        }

        _position = position;
        for (; i < destination.Length; i++)
        {
            destination[i] = VarbitInt();
        }
    }

    public ulong VarbitUint() => Bits(VarbitSize());

    /// <summary>
    /// A count of things that take at least <paramref name="minBits"/> bits each, so that it can be trusted in an allocation.
    /// </summary>
    public int VarbitCount(int minBits)
    {
        var count = VarbitUint();
        if (count > (ulong)(Left / minBits))
        {
            Short();
        }

        return (int)count;
    }

    private int VarbitSize()
    {
        // Up to eight ones, of which the last needs no zero behind it.
        if (Left < 1)
        {
            Short();
        }

        var ones = Math.Min(BitOperations.LeadingZeroCount(~Peek()), 8);
        var prefix = Math.Min(ones + 1, 8);
        if (prefix > Left)
        {
            Short();
        }

        _position += prefix;
        return Varbit.Sizes[ones];
    }

    // At least 57 bits from the current one on, zeros behind the end.
    private readonly ulong Peek()
    {
        var at = (int)(_position >> 3);
        var shift = (int)(_position & 7);
        var rest = _bytes[at..];
        if (rest.Length >= 8)
        {
            return BinaryPrimitives.ReadUInt64BigEndian(rest) << shift;
        }

        var word = 0UL;
        for (var i = 0; i < rest.Length; i++)
        {
            word |= (ulong)rest[i] << (56 - (8 * i));
        }

        return word << shift;
    }

    [DoesNotReturn]
    private static void Short() => throw new CorruptChunkException("a chunk ends within a sample");
}
