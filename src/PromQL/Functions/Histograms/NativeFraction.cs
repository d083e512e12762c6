using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Functions.GoMath;

namespace Deucalion.PromQL.Functions.Histograms;

/// <summary>The share of a native histogram's observations between two values.</summary>
internal static class NativeFraction
{
    /// <param name="lower">Lower value.</param>
    /// <param name="upper">Upper value.</param>
    /// <param name="histogram">The histogram.</param>
    /// <param name="buckets">Scratch.</param>
    /// <param name="hasNaN">Whether some observations were NaN and count for no share.</param>
    public static double Of(double lower, double upper, FloatHistogram histogram, List<HistogramBucket> buckets, out bool hasNaN)
    {
        hasNaN = false;
        if (histogram.Count == 0 || double.IsNaN(lower) || double.IsNaN(upper))
        {
            return double.NaN;
        }

        if (lower >= upper)
        {
            return 0;
        }

        HistogramBuckets.List(histogram, buckets);
        var total = double.IsNaN(histogram.Sum) ? NativeQuantile.Total(buckets) : histogram.Count;
        hasNaN = double.IsNaN(histogram.Sum) && total < histogram.Count;
        return (Math.Min(Rank(upper, histogram, buckets, total), total) - Math.Min(Rank(lower, histogram, buckets, total), total)) / histogram.Count;
    }

    private static double Rank(double value, FloatHistogram histogram, List<HistogramBucket> buckets, double total)
    {
        double count = 0;
        foreach (var each in buckets)
        {
            var bucket = NativeQuantile.NarrowZero(histogram, each);
            if (bucket.Lower >= value)
            {
                return count;
            }

            if (bucket.Upper > value)
            {
                return count + (bucket.Count * Share(value, histogram, bucket));
            }

            count += bucket.Count;
        }

        return total;
    }

    private static double Share(double value, FloatHistogram histogram, HistogramBucket bucket)
    {
        if (double.IsNegativeInfinity(bucket.Lower))
        {
            return 1;
        }

        if (histogram.UsesCustomBuckets() || (bucket.Lower <= 0 && bucket.Upper >= 0))
        {
            return (value - bucket.Lower) / (bucket.Upper - bucket.Lower);
        }

        var lower = Logarithms.Log2(Math.Abs(bucket.Lower));
        var upper = Logarithms.Log2(Math.Abs(bucket.Upper));
        var at = Logarithms.Log2(Math.Abs(value));
        return value > 0 ? (at - lower) / (upper - lower) : 1 - ((at - upper) / (lower - upper));
    }
}
