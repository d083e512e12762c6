namespace Deucalion.Common.Samples.Histograms;

/// <summary>Lists the buckets of a native histogram.</summary>
public static class HistogramBuckets
{
    /// <summary>
    /// Replaces the content of <paramref name="into"/> by all buckets from the lowest to the highest, empty ones that are spelled out
    /// included; the zero bucket only if it is populated. Buckets that reach into the zero bucket are clipped at its edge.
    /// </summary>
    public static void List(FloatHistogram histogram, List<HistogramBucket> into)
    {
        into.Clear();
        var index = 0;
        var at = 0;
        foreach (var span in histogram.NegativeSpans)
        {
            index += span.Offset;
            for (var i = 0; i < span.Length; i++, index++, at++)
            {
                into.Add(Negative(histogram, index, histogram.NegativeBuckets[at]));
            }
        }

        into.Reverse();
        if (histogram.ZeroCount > 0)
        {
            into.Add(new(-histogram.ZeroThreshold, histogram.ZeroThreshold, true, true, histogram.ZeroCount));
        }

        index = 0;
        at = 0;
        foreach (var span in histogram.PositiveSpans)
        {
            index += span.Offset;
            for (var i = 0; i < span.Length; i++, index++, at++)
            {
                into.Add(Positive(histogram, index, histogram.PositiveBuckets[at]));
            }
        }
    }

    private static HistogramBucket Negative(FloatHistogram histogram, int index, double count)
    {
        var upper = -ExponentialBounds.Upper(histogram.Schema, index - 1);
        if (upper > -histogram.ZeroThreshold)
        {
            upper = -histogram.ZeroThreshold;
        }

        return new(-ExponentialBounds.Upper(histogram.Schema, index), upper, true, false, count);
    }

    private static HistogramBucket Positive(FloatHistogram histogram, int index, double count)
    {
        if (histogram.UsesCustomBuckets())
        {
            var bounds = histogram.CustomValues;
            return new(
                index <= 0 ? double.NegativeInfinity : bounds[index - 1],
                index >= bounds.Length ? double.PositiveInfinity : bounds[index],
                index <= 0,
                true,
                count);
        }

        var lower = ExponentialBounds.Upper(histogram.Schema, index - 1);
        if (lower < histogram.ZeroThreshold)
        {
            lower = histogram.ZeroThreshold;
        }

        return new(lower, ExponentialBounds.Upper(histogram.Schema, index), false, true, count);
    }
}
