using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Functions.GoMath;

namespace Deucalion.PromQL.Functions.Histograms;

/// <summary>What there is to say about a quantile of a native histogram.</summary>
internal enum NativeQuantileNote
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>NaN observations make the result NaN.</summary>
    ResultIsNaN,

    /// <summary>NaN observations, counted above all others, make the result higher.</summary>
    SkewedHigher,
}

/// <summary>Quantiles of native histograms.</summary>
internal static class NativeQuantile
{
    /// <param name="q">The quantile.</param>
    /// <param name="histogram">The histogram.</param>
    /// <param name="buckets">Scratch.</param>
    /// <param name="note">What there is to say.</param>
    public static double Of(double q, FloatHistogram histogram, List<HistogramBucket> buckets, out NativeQuantileNote note)
    {
        note = NativeQuantileNote.None;
        if (q < 0 || q > 1)
        {
            return q < 0 ? double.NegativeInfinity : double.PositiveInfinity;
        }

        if (histogram.Count == 0 || double.IsNaN(q))
        {
            return double.NaN;
        }

        HistogramBuckets.List(histogram, buckets);
        var hasNaN = double.IsNaN(histogram.Sum);
        var upwards = hasNaN || q < 0.5;
        var rank = (upwards ? q : 1 - q) * histogram.Count;
        var bucket = Find(buckets, rank, upwards, out var count);
        if (histogram.UsesCustomBuckets())
        {
            if (double.IsNegativeInfinity(bucket.Lower))
            {
                if (bucket.Upper <= 0)
                {
                    return bucket.Upper;
                }

                bucket = bucket with { Lower = 0 };
            }
            else if (double.IsPositiveInfinity(bucket.Upper))
            {
                return bucket.Lower;
            }
        }
        else
        {
            bucket = NarrowZero(histogram, bucket);
        }

        count = Math.Min(count, histogram.Count);
        if (count < rank)
        {
            note = hasNaN ? NativeQuantileNote.ResultIsNaN : NativeQuantileNote.None;
            return hasNaN ? double.NaN : bucket.Upper;
        }

        if (hasNaN && Total(buckets) < histogram.Count)
        {
            note = NativeQuantileNote.SkewedHigher;
        }

        rank = upwards ? rank - (count - bucket.Count) : count - rank;
        return Interpolate(histogram, bucket, rank / bucket.Count);
    }

    /// <summary>A zero bucket reaches only to the side that has buckets.</summary>
    public static HistogramBucket NarrowZero(FloatHistogram histogram, HistogramBucket bucket)
    {
        if (bucket.Lower > 0 || bucket.Upper < 0 || (bucket.Lower == 0 && bucket.Upper == 0))
        {
            return bucket;
        }

        var negative = histogram.NegativeBuckets.Length > 0;
        var positive = histogram.PositiveBuckets.Length > 0;
        return positive && !negative ? bucket with { Lower = 0 }
            : negative && !positive ? bucket with { Upper = 0 }
            : bucket;
    }

    public static double Total(List<HistogramBucket> buckets)
    {
        double total = 0;
        foreach (var bucket in buckets)
        {
            total += bucket.Count;
        }

        return total;
    }

    private static HistogramBucket Find(List<HistogramBucket> buckets, double rank, bool upwards, out double count)
    {
        HistogramBucket found = default;
        count = 0;
        for (var i = 0; i < buckets.Count; i++)
        {
            var bucket = buckets[upwards ? i : buckets.Count - 1 - i];
            if (bucket.Count == 0)
            {
                continue;
            }

            found = bucket;
            count += bucket.Count;
            if (count >= rank)
            {
                break;
            }
        }

        return found;
    }

    private static double Interpolate(FloatHistogram histogram, HistogramBucket bucket, double fraction)
    {
        if (histogram.UsesCustomBuckets() || (bucket.Lower <= 0 && bucket.Upper >= 0))
        {
            return bucket.Lower + ((bucket.Upper - bucket.Lower) * fraction);
        }

        var lower = Logarithms.Log2(Math.Abs(bucket.Lower));
        var upper = Logarithms.Log2(Math.Abs(bucket.Upper));
        return bucket.Lower > 0
            ? Exponentials.Exp2(lower + ((upper - lower) * fraction))
            : -Exponentials.Exp2(upper + ((lower - upper) * (1 - fraction)));
    }
}
