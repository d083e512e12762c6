using Deucalion.Common.Samples;

namespace Deucalion.Storage.Chunks.Histograms;

/// <summary>
/// How a histogram fits behind the last one of a chunk: as it is, widened by buckets the chunk has, with the chunk widened by its own, or
/// not at all.
/// </summary>
/// <param name="Result">What happens.</param>
/// <param name="Histogram">The histogram in the chunk's layout.</param>
/// <param name="Layout">The layout the chunk must be given first, or null.</param>
internal readonly record struct HistogramFit(HistogramAppendResult Result, FloatHistogram Histogram, HistogramLayout? Layout)
{
    public static HistogramFit Of(HistogramLayout layout, FloatHistogram last, bool isGauge, FloatHistogram next)
    {
        if (isGauge != (next.CounterResetHint == CounterResetHint.Gauge))
        {
            return new(HistogramAppendResult.NewChunk, next, null);
        }

        if (next.CounterResetHint == CounterResetHint.CounterReset)
        {
            return new(HistogramAppendResult.NewChunkAfterReset, next, null);
        }

        if (SpecialValues.IsStaleNaN(last.Sum))
        {
            return new(HistogramAppendResult.NewChunk, next, null);
        }

        if (!isGauge && next.Count < last.Count)
        {
            return new(HistogramAppendResult.NewChunkAfterReset, next, null);
        }

        if (next.Schema != layout.Schema || Bits(next.ZeroThreshold) != Bits(layout.ZeroThreshold))
        {
            return new(HistogramAppendResult.NewChunk, next, null);
        }

        var sameBounds = next.Schema != FloatHistogram.CustomBucketsSchema || next.CustomValues.AsSpan().SequenceEqual(layout.CustomValues);
        if (!sameBounds)
        {
            return new(isGauge ? HistogramAppendResult.NewChunk : HistogramAppendResult.NewChunkAfterReset, next, null);
        }

        if (!isGauge && (next.ZeroCount < last.ZeroCount
            || HasDecrease(layout.PositiveSpans, last.PositiveBuckets, next.PositiveSpans, next.PositiveBuckets)
            || HasDecrease(layout.NegativeSpans, last.NegativeBuckets, next.NegativeSpans, next.NegativeBuckets)))
        {
            return new(HistogramAppendResult.NewChunkAfterReset, next, null);
        }

        return Widened(layout, next);
    }

    /// <summary>The layout of a histogram, in arrays of its own.</summary>
    public static HistogramLayout LayoutOf(FloatHistogram histogram) => new(
        histogram.ZeroThreshold,
        histogram.Schema,
        [.. histogram.PositiveSpans],
        [.. histogram.NegativeSpans],
        histogram.Schema == FloatHistogram.CustomBucketsSchema ? [.. histogram.CustomValues] : []);

    /// <summary>The histogram with the buckets of a layout that has all of its own.</summary>
    public static FloatHistogram Widen(FloatHistogram histogram, HistogramLayout layout)
    {
        if (SpecialValues.IsStaleNaN(histogram.Sum)
            || (histogram.PositiveSpans.AsSpan().SequenceEqual(layout.PositiveSpans)
                && histogram.NegativeSpans.AsSpan().SequenceEqual(layout.NegativeSpans)))
        {
            return histogram;
        }

        return new FloatHistogram
        {
            CounterResetHint = histogram.CounterResetHint,
            IsInteger = histogram.IsInteger,
            Schema = histogram.Schema,
            ZeroThreshold = histogram.ZeroThreshold,
            ZeroCount = histogram.ZeroCount,
            Count = histogram.Count,
            Sum = histogram.Sum,
            PositiveSpans = layout.PositiveSpans,
            NegativeSpans = layout.NegativeSpans,
            PositiveBuckets = Widen(histogram.PositiveSpans, histogram.PositiveBuckets, layout.PositiveSpans),
            NegativeBuckets = Widen(histogram.NegativeSpans, histogram.NegativeBuckets, layout.NegativeSpans),
            CustomValues = histogram.CustomValues,
        };
    }

    private static HistogramFit Widened(HistogramLayout layout, FloatHistogram next)
    {
        var positive = Union(layout.PositiveSpans, next.PositiveSpans, out var morePositive);
        var negative = Union(layout.NegativeSpans, next.NegativeSpans, out var moreNegative);
        if (!morePositive && !moreNegative)
        {
            return new(HistogramAppendResult.Added, Widen(next, layout), null);
        }

        var wider = new HistogramLayout(layout.ZeroThreshold, layout.Schema, positive, negative, layout.CustomValues);
        return new(HistogramAppendResult.Recoded, Widen(next, wider), wider);
    }

    // The spans of both: those of the one that has all the buckets of the other, or new ones. Says whether `next` has buckets that `chunk`
    // lacks.
    private static HistogramSpan[] Union(HistogramSpan[] chunk, HistogramSpan[] next, out bool nextHasMore)
    {
        nextHasMore = false;
        if (chunk.AsSpan().SequenceEqual(next))
        {
            return chunk;
        }

        var a = Indices(chunk);
        var b = Indices(next);
        var union = new SortedSet<long>(a);
        union.UnionWith(b);
        nextHasMore = union.Count > a.Count;
        if (!nextHasMore)
        {
            return chunk;
        }

        if (union.Count == b.Count)
        {
            return [.. next];
        }

        var spans = new List<HistogramSpan>();
        long? end = null;
        foreach (var index in union)
        {
            if (end == index)
            {
                spans[^1] = spans[^1] with { Length = spans[^1].Length + 1 };
            }
            else
            {
                spans.Add(new HistogramSpan((int)(index - (end ?? 0)), 1));
            }

            end = index + 1;
        }

        return [.. spans];
    }

    // A bucket that shrank, or that held something and is gone.
    private static bool HasDecrease(HistogramSpan[] spans, double[] buckets, HistogramSpan[] nextSpans, double[] nextBuckets)
    {
        if (spans.AsSpan().SequenceEqual(nextSpans))
        {
            for (var i = 0; i < buckets.Length; i++)
            {
                if (nextBuckets[i] < buckets[i])
                {
                    return true;
                }
            }

            return false;
        }

        var was = Indices(spans);
        var now = Indices(nextSpans);
        var n = 0;
        for (var i = 0; i < was.Count; i++)
        {
            while (n < now.Count && now[n] < was[i])
            {
                n++;
            }

            var count = n < now.Count && now[n] == was[i] ? nextBuckets[n] : 0;
            if (count < buckets[i])
            {
                return true;
            }
        }

        return false;
    }

    private static double[] Widen(HistogramSpan[] spans, double[] buckets, HistogramSpan[] wider)
    {
        var own = Indices(spans);
        var all = Indices(wider);
        var result = new double[all.Count];
        var at = 0;
        for (var i = 0; i < own.Count; i++)
        {
            while (all[at] < own[i])
            {
                at++;
            }

            result[at] = buckets[i];
        }

        return result;
    }

    private static List<long> Indices(HistogramSpan[] spans)
    {
        var result = new List<long>();
        var index = 0L;
        foreach (var span in spans)
        {
            index += span.Offset;
            for (var i = 0U; i < span.Length; i++)
            {
                result.Add(index++);
            }
        }

        return result;
    }

    private static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);
}
