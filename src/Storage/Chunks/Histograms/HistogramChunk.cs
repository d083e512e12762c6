using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks.Bits;

namespace Deucalion.Storage.Chunks.Histograms;

/// <summary>Decodes histogram chunks: encodings 2, 3, 5 and 6.</summary>
public static class HistogramChunk
{
    private const int HeaderSize = 3;

    /// <summary>
    /// Adds the samples with minTime ≤ time ≤ maxTime to the buffer's histograms. Histograms of one chunk share the arrays of their layout.
    /// Damage is
    /// <see cref="CorruptChunkException"/>.
    /// </summary>
    public static void Decode(byte encoding, ReadOnlySpan<byte> chunk, long minTime, long maxTime, SampleBuffer buffer)
    {
        var count = ChunkEncoding.SampleCount(encoding, chunk);
        if (count == 0)
        {
            return;
        }

        if (chunk.Length < HeaderSize)
        {
            throw new CorruptChunkException("histogram chunk shorter than its header");
        }

        var hasStarts = encoding is ChunkEncoding.HistogramWithStart or ChunkEncoding.FloatHistogramWithStart;
        var isFloat = encoding is ChunkEncoding.FloatHistogram or ChunkEncoding.FloatHistogramWithStart;
        var flag = (hasStarts ? chunk[0] : chunk[2]) & HistogramFlags.Mask;
        var starts = new StartTimes(hasStarts ? chunk[2] : (byte)0);
        var reader = new BitReader(chunk[HeaderSize..]);
        var layout = HistogramLayout.Read(ref reader, isFloat ? 64 : 1);
        var body = isFloat ? (HistogramBody)new FloatHistogramBody(layout) : new IntegerHistogramBody(layout);
        var (time, delta) = (0L, 0L);
        for (var i = 0; i < count; i++)
        {
            var previous = time;
            if (i == 0)
            {
                time = reader.VarbitInt();
                body.ReadFirst(ref reader);
            }
            else
            {
                delta += reader.VarbitInt();
                time += delta;
                body.Read(ref reader);
            }

            starts.Read(ref reader, i, time, previous);
            if (i > 0 && time <= previous)
            {
                throw new CorruptChunkException("histogram chunk: times do not increase");
            }

            if (time > maxTime)
            {
                return;
            }

            if (time >= minTime)
            {
                buffer.Add(new HistogramSample(time, starts.Current, Result(body, layout, flag, i, isFloat)));
            }
        }
    }

    private static FloatHistogram Result(HistogramBody body, HistogramLayout layout, int flag, int index, bool isFloat)
    {
        if (body.IsStale)
        {
            return new FloatHistogram { Sum = SpecialValues.StaleNaN, IsInteger = !isFloat };
        }

        var result = new FloatHistogram
        {
            CounterResetHint = flag == HistogramFlags.Gauge ? CounterResetHint.Gauge
                : index == 0 ? CounterResetHint.Unknown : CounterResetHint.NotCounterReset,
            IsInteger = !isFloat,
            Schema = layout.Schema,
            ZeroThreshold = layout.ZeroThreshold,
            PositiveSpans = layout.PositiveSpans,
            NegativeSpans = layout.NegativeSpans,
            CustomValues = layout.CustomValues,
        };
        body.Fill(result);
        HistogramSchema.Reduce(result);
        return result;
    }
}
