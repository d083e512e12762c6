using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Deucalion.Storage.Chunks.Kernels;

/// <summary>
/// The inner loop of XOR decoding. Reads whole words without looking at the end of the data: a caller gives it data of which
/// <see cref="Slack"/> bytes behind the limit are readable, and outputs with room for all samples asked for.
/// </summary>
internal static class XorDecodeKernel
{
    /// <summary>Readable bytes needed behind the limit: the longest sample is 149 bits, its last word reaches 9 bytes further.</summary>
    public const int Slack = 32;

    /// <summary>
    /// Decodes samples while fewer than <paramref name="count"/> have been read and the next begins at or before byte <paramref
    /// name="limit"/>; stops behind the first sample newer than <paramref name="maxTime"/>. Those not older than <paramref name="minTime"/>
    /// are written.
    /// </summary>
    public static void Run(
        ref byte data, int limit, int count, long minTime, long maxTime, ref long times, ref double values, ref XorDecodeState state)
    {
        var (time, delta, value) = (state.Time, state.Delta, state.Value);
        var (significant, trailing) = (state.Significant, state.Trailing);
        var (read, written) = (state.Read, state.Written);
        var position = state.Position;
        var unordered = false;
        while (read < count && (position >> 3) <= limit)
        {
            var word = Load(ref data, position);
            if ((long)word >= 0)
            {
                // The common case: no change of the interval; the value's control bits are in the same word.
                position++;
                word <<= 1;
            }
            else
            {
                var ones = BitOperations.LeadingZeroCount(~word);
                if (ones >= 4)
                {
                    delta += (long)((Load(ref data, position + 4) & 0xffffffff00000000) | (Load(ref data, position + 36) >> 32));
                    position += 68;
                }
                else
                {
                    // Sizes 14, 17, 20 behind prefixes of 2, 3, 4 bits. The pattern 2^(size-1) is positive.
                    var size = 11 + (3 * ones);
                    var change = (long)((word << (ones + 1)) >> (64 - size));
                    delta += change - ((change > (1L << (size - 1)) ? 1L : 0L) << size);
                    position += ones + 1 + size;
                }

                word = Load(ref data, position);
            }

            if ((long)word < 0)
            {
                if ((word & (1UL << 62)) == 0)
                {
                    position += 2;
                }
                else
                {
                    var leading = (int)(word >> 57) & 31;
                    significant = (int)(word >> 51) & 63;
                    significant = significant == 0 ? 64 : significant;
                    trailing = 64 - leading - significant;
                    position += 13;
                }

                var payload = Load(ref data, position);
                if (significant > 57)
                {
                    // The word lacks up to 7 low bits.
                    var missing = position & 7;
                    payload |= (ulong)Unsafe.AddByteOffset(ref data, (nint)((position >> 3) + 8)) >> (8 - missing);
                }

                value ^= payload >> (64 - significant) << trailing;
                position += significant;
            }
            else
            {
                position++;
            }

            var next = time + delta;
            unordered |= next <= time;
            time = next;
            read++;
            if (time > maxTime)
            {
                state.Ended = true;
                break;
            }

            Unsafe.Add(ref times, written) = time;
            Unsafe.Add(ref values, written) = BitConverter.UInt64BitsToDouble(value);
            written += time >= minTime ? 1 : 0;
        }

        state.Time = time;
        state.Delta = delta;
        state.Value = value;
        state.Significant = significant;
        state.Trailing = trailing;
        state.Read = read;
        state.Written = written;
        state.Position = position;
        state.Unordered |= unordered;
    }

    // The next 57 bits or more, from the top.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Load(ref byte data, int position)
    {
        var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref data, (nint)(position >> 3)));
        return BinaryPrimitives.ReverseEndianness(word) << (position & 7);
    }
}
