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

    /// <summary>Bucket <paramref name="index"/> of one side with its own bounds, not clipped at the zero bucket.</summary>
    public static HistogramBucket At(FloatHistogram histogram, int index, double count, bool isPositive)
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

        var near = ExponentialBounds.Upper(histogram.Schema, index - 1);
        var far = ExponentialBounds.Upper(histogram.Schema, index);
        return isPositive ? new(near, far, false, true, count) : new(-far, -near, true, false, count);
    }

    private static HistogramBucket Negative(FloatHistogram histogram, int index, double count)
    {
        var bucket = At(histogram, index, count, isPositive: false);
        return bucket.Upper > -histogram.ZeroThreshold ? bucket with { Upper = -histogram.ZeroThreshold } : bucket;
    }

    private static HistogramBucket Positive(FloatHistogram histogram, int index, double count)
    {
        var bucket = At(histogram, index, count, isPositive: true);
        return !histogram.UsesCustomBuckets() && bucket.Lower < histogram.ZeroThreshold
            ? bucket with { Lower = histogram.ZeroThreshold }
            : bucket;
    }
}
