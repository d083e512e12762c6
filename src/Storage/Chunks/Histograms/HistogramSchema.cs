using Deucalion.Common.Samples;

namespace Deucalion.Storage.Chunks.Histograms;

/// <summary>The exponential schemas, and the reduction of those too fine for queries.</summary>
internal static class HistogramSchema
{
    public const int Min = -4;
    public const int Max = 8;

    /// <summary>Finest schema that may be met in a chunk; what is finer than <see cref="Max"/> is reduced to it when read.</summary>
    public const int MaxStored = 52;

    /// <summary>Makes a histogram of a finer schema one of <see cref="Max"/>.</summary>
    public static void Reduce(FloatHistogram histogram)
    {
        var shift = histogram.Schema - Max;
        if (shift <= 0)
        {
            return;
        }

        (histogram.PositiveSpans, histogram.PositiveBuckets) = Reduce(histogram.PositiveSpans, histogram.PositiveBuckets, shift);
        (histogram.NegativeSpans, histogram.NegativeBuckets) = Reduce(histogram.NegativeSpans, histogram.NegativeBuckets, shift);
        histogram.Schema = Max;
    }

    private static (HistogramSpan[] Spans, double[] Buckets) Reduce(HistogramSpan[] spans, double[] buckets, int shift)
    {
        var newSpans = new List<HistogramSpan>();
        var newBuckets = new List<double>();
        long index = 0;
        var last = long.MinValue;
        var at = 0;
        foreach (var span in spans)
        {
            index += span.Offset;
            for (var i = 0U; i < span.Length; i++, index++, at++)
            {
                var target = ((index - 1) >> Math.Min(shift, 62)) + 1;
                if (target == last)
                {
                    newBuckets[^1] += buckets[at];
                    continue;
                }

                newBuckets.Add(buckets[at]);
                if (newSpans.Count > 0 && target == last + 1)
                {
                    newSpans[^1] = newSpans[^1] with { Length = newSpans[^1].Length + 1 };
                }
                else
                {
                    newSpans.Add(new HistogramSpan((int)(newSpans.Count == 0 ? target : target - last - 1), 1));
                }

                last = target;
            }
        }

        return ([.. newSpans], [.. newBuckets]);
    }
}
