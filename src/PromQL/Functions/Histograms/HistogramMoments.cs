using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;

namespace Deucalion.PromQL.Functions.Histograms;

/// <summary>A number drawn from a native histogram.</summary>
internal interface IHistogramValue
{
    static abstract double Of(FloatHistogram histogram);
}

/// <summary>histogram_count</summary>
internal readonly struct HistogramCount : IHistogramValue
{
    public static double Of(FloatHistogram histogram) => histogram.Count;
}

/// <summary>histogram_sum</summary>
internal readonly struct HistogramTotal : IHistogramValue
{
    public static double Of(FloatHistogram histogram) => histogram.Sum;
}

/// <summary>histogram_avg</summary>
internal readonly struct HistogramMean : IHistogramValue
{
    public static double Of(FloatHistogram histogram) => histogram.Sum / histogram.Count;
}

/// <summary>histogram_stdvar, each bucket's observations taken at its middle.</summary>
internal readonly struct HistogramVariance : IHistogramValue
{
    public static double Of(FloatHistogram histogram)
    {
        var buckets = new List<HistogramBucket>();
        HistogramBuckets.List(histogram, buckets);
        var mean = histogram.Sum / histogram.Count;
        double variance = 0, lost = 0;
        foreach (var bucket in buckets)
        {
            if (bucket.Count != 0)
            {
                var delta = Middle(histogram, bucket) - mean;
                Kahan.Add(bucket.Count * delta * delta, ref variance, ref lost);
            }
        }

        return (variance + lost) / histogram.Count;
    }

    private static double Middle(FloatHistogram histogram, HistogramBucket bucket)
    {
        if (histogram.UsesCustomBuckets())
        {
            return (bucket.Upper + bucket.Lower) / 2;
        }

        if (bucket.Lower <= 0 && bucket.Upper >= 0)
        {
            return 0;
        }

        var middle = Math.Sqrt(bucket.Upper * bucket.Lower);
        return bucket.Upper < 0 ? -middle : middle;
    }
}

/// <summary>histogram_stddev</summary>
internal readonly struct HistogramDeviation : IHistogramValue
{
    public static double Of(FloatHistogram histogram) => Math.Sqrt(HistogramVariance.Of(histogram));
}
