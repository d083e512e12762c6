namespace Deucalion.Storage.Chunks.Bits;

/// <summary>Writes the bit streams of chunks into a growing buffer, most significant bit first.</summary>
internal sealed class BitWriter
{
    private byte[] _bytes = new byte[256];
    private int _bits;

    /// <summary>Bits written.</summary>
    public int Count => _bits;

    /// <summary>What was written, the last byte padded with zeros.</summary>
    public Span<byte> Span => _bytes.AsSpan(0, (_bits + 7) >> 3);

    public void Clear()
    {
        Span.Clear();
        _bits = 0;
    }

    /// <summary>Writes the lowest bits of the value, 0 … 64.</summary>
    public void Bits(ulong value, int count)
    {
        if ((_bits + count + 7) >> 3 > _bytes.Length)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        while (count > 0)
        {
            var free = 8 - (_bits & 7);
            var part = Math.Min(free, count);
            var bits = (byte)((value >> (count - part)) & ((1UL << part) - 1));
            _bytes[_bits >> 3] |= (byte)(bits << (free - part));
            _bits += part;
            count -= part;
        }
    }

    public void Double(double value) => Bits(BitConverter.DoubleToUInt64Bits(value), 64);

    /// <summary>A LEB128 number, whose bytes lie at the current bit.</summary>
    public void Uvarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Bits((value & 0x7f) | 0x80, 8);
        }

        Bits(value, 8);
    }

    /// <summary>A zigzag LEB128 number.</summary>
    public void Varint(long value) => Uvarint((ulong)((value << 1) ^ (value >> 63)));

    public void VarbitInt(long value)
    {
        var ones = 0;
        while (ones < 8 && !FitsInt(value, Varbit.Sizes[ones]))
        {
            ones++;
        }

        Varbits((ulong)value, ones);
    }

    public void VarbitUint(ulong value)
    {
        var ones = 0;
        while (ones < 8 && value >> Varbit.Sizes[ones] != 0)
        {
            ones++;
        }

        Varbits(value, ones);
    }

    // Of the two ends of the range the positive one is the further.
    private static bool FitsInt(long value, int size) =>
        size == 0 ? value == 0 : value <= 1L << (size - 1) && value > -(1L << (size - 1));

    private void Varbits(ulong value, int ones)
    {
        // So many ones, and a zero where there are fewer than eight.
        Bits(ones == 8 ? 0xffUL : (1UL << (ones + 1)) - 2, Math.Min(ones + 1, 8));
        Bits(value, Varbit.Sizes[ones]);
    }
}
