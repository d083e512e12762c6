using System.Numerics;
using Deucalion.Storage.Memory;

namespace Deucalion.Storage.Head.Chunks;

/// <summary>
/// Appends samples to a XOR chunk in units, bit for bit as the block format has it (the sample count aside, which the descriptor holds). The
/// state between two samples lies in the series' row.
/// </summary>
internal static class XorUnitEncoder
{
    /// <summary>Appends sample number <paramref name="index"/> of the chunk to the unit chain that ends in the row's tail; returns the bits added.</summary>
    public static int Append(UnitArena units, ref SeriesRow row, int index, long previousTime, ulong previousBits, long time, ulong bits)
    {
        var writer = new UnitBitWriter(units, row.TailUnit, row.TailBits);
        if (index == 0)
        {
            PutVarint(ref writer, (ulong)((time << 1) ^ (time >> 63)));
            writer.Write(bits, 64);
            row.Delta = 0;
            row.Significant = 0;
            row.Trailing = 0;
            row.Leading = 0;
        }
        else
        {
            var delta = time - previousTime;
            ulong head = 0;
            var size = 0;
            if (index == 1)
            {
                PutVarint(ref writer, (ulong)delta);
            }
            else
            {
                size = PutInterval(ref writer, delta - row.Delta, out head);
            }

            row.Delta = (int)delta;
            PutValue(ref writer, ref row, bits ^ previousBits, head, size);
        }

        row.TailUnit = writer.Tail;
        row.TailBits = (short)writer.TailBits;
        return writer.Written;
    }

    private static int PutInterval(ref UnitBitWriter writer, long change, out ulong head)
    {
        switch (change)
        {
            case 0:
                head = 0;
                return 1;
            case >= -8191 and <= 8192:
                head = (0b10UL << 14) | ((ulong)change & 0x3fff);
                return 16;
            case >= -65535 and <= 65536:
                head = (0b110UL << 17) | ((ulong)change & 0x1ffff);
                return 20;
            case >= -524287 and <= 524288:
                head = (0b1110UL << 20) | ((ulong)change & 0xfffff);
                return 24;
            default:
                writer.Write(0b1111, 4);
                writer.Write((ulong)change, 64);
                head = 0;
                return 0;
        }
    }

    // Writes what is left to write of the interval (size bits of head) and the value.
    private static void PutValue(ref UnitBitWriter writer, ref SeriesRow row, ulong xor, ulong head, int size)
    {
        if (xor == 0)
        {
            writer.Write(head << 1, size + 1);
            return;
        }

        var leading = Math.Min(BitOperations.LeadingZeroCount(xor), 31);
        var trailing = BitOperations.TrailingZeroCount(xor);
        if (row.Significant != 0 && leading >= row.Leading && trailing >= row.Trailing)
        {
            head = (head << 2) | 0b10;
            size += 2;
        }
        else
        {
            var significant = 64 - leading - trailing;
            row.Leading = (byte)leading;
            row.Trailing = (byte)trailing;
            row.Significant = (byte)significant;
            head = (((head << 2) | 0b11) << 11) | (uint)((leading << 6) | (significant & 63));
            size += 13;
        }

        var payload = xor >> row.Trailing;
        if (size + row.Significant <= 64)
        {
            writer.Write((head << row.Significant) | payload, size + row.Significant);
        }
        else
        {
            writer.Write(head, size);
            writer.Write(payload, row.Significant);
        }
    }

    private static void PutVarint(ref UnitBitWriter writer, ulong value)
    {
        while (value >= 0x80)
        {
            writer.Write((value & 0x7f) | 0x80, 8);
            value >>= 7;
        }

        writer.Write(value, 8);
    }
}
