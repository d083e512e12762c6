using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks.Bits;

namespace Deucalion.Storage.Chunks.Xor;

/// <summary>Decodes XOR2 chunks (encoding 4): floats with start timestamps.</summary>
public static class Xor2Chunk
{
    private const int HeaderSize = 3;

    /// <summary>
    /// Adds the samples with minTime ≤ time ≤ maxTime to the buffer, with their start timestamps. Damage is <see
    /// cref="CorruptChunkException"/>.
    /// </summary>
    public static void Decode(ReadOnlySpan<byte> chunk, long minTime, long maxTime, SampleBuffer buffer)
    {
        var count = ChunkEncoding.SampleCount(ChunkEncoding.Xor2, chunk);
        if (count == 0)
        {
            return;
        }

        if (chunk.Length < HeaderSize)
        {
            throw new CorruptChunkException("XOR2 chunk shorter than its header");
        }

        var reader = new BitReader(chunk[HeaderSize..]);
        var starts = new StartTimes(chunk[2]);
        var field = default(XorField);
        var (time, delta) = (0L, 0L);
        for (var i = 0; i < count; i++)
        {
            var previous = time;
            var isStale = false;
            if (i == 0)
            {
                time = reader.Varint();
                var bits = reader.Bits(64);
                isStale = bits == SpecialValues.StaleNaNBits;
                field.Set(isStale ? 0 : bits);
            }
            else if (i == 1)
            {
                delta = (long)reader.Uvarint();
                time += delta;
                isStale = ReadValue(ref reader, ref field);
            }
            else
            {
                delta += ReadControl(ref reader, ref field, out isStale);
                time += delta;
            }

            starts.Read(ref reader, i, time, previous);
            if (i > 0 && time <= previous)
            {
                throw new CorruptChunkException("XOR2 chunk: times do not increase");
            }

            if (time > maxTime)
            {
                return;
            }

            if (time >= minTime)
            {
                buffer.Add(time, isStale ? SpecialValues.StaleNaN : field.Value, starts.Current);
            }
        }
    }

    // Returns the change of the interval.
    private static long ReadControl(ref BitReader reader, ref XorField field, out bool isStale)
    {
        isStale = false;
        if (!reader.Bit())
        {
            return 0;
        }

        if (!reader.Bit())
        {
            if (reader.Bit())
            {
                field.ReadWindow(ref reader);
            }

            field.ReadChange(ref reader);
            return 0;
        }

        var size = !reader.Bit() ? 13 : !reader.Bit() ? 20 : !reader.Bit() ? 64 : 0;
        if (size == 0)
        {
            isStale = true;
            return 0;
        }

        var change = (long)(reader.Bits(size) << (64 - size)) >> (64 - size);
        isStale = ReadValue(ref reader, ref field);
        return change;
    }

    // Returns whether the value is a stale marker, which leaves the field as it was.
    private static bool ReadValue(ref BitReader reader, ref XorField field)
    {
        if (!reader.Bit())
        {
            return false;
        }

        if (!reader.Bit())
        {
            field.ReadChange(ref reader);
            return false;
        }

        if (reader.Bit())
        {
            return true;
        }

        field.ReadWindow(ref reader);
        field.ReadChange(ref reader);
        return false;
    }
}
