using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Deucalion.Storage.Chunks.Bits;

/// <summary>
/// Reads the bit streams of chunks, most significant bit first. Running over the end is <see cref="CorruptChunkException"/>.
/// </summary>
internal ref struct BitReader(ReadOnlySpan<byte> bytes)
{
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
        // One look at the bits where prefix and number lie in the word, which is nearly always.
        if (Left >= 64)
        {
            var word = Peek();
            var ones = Math.Min(BitOperations.LeadingZeroCount(~word), 8);
            var prefix = Math.Min(ones + 1, 8);
            var length = Varbit.Sizes[ones];
            if (length == 0)
            {
                _position++;
                return 0;
            }

            if (prefix + length <= 56)
            {
                _position += prefix + length;
                var number = (word << prefix) >> (64 - length);
                return number <= 1UL << (length - 1) ? (long)number : (long)number - (1L << length);
            }
        }

        var size = VarbitSize();
        var bits = Bits(size);
        return size is 0 or 64 || bits <= 1UL << (size - 1) ? (long)bits : (long)bits - (1L << size);
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
