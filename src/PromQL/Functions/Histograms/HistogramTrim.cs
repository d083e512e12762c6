using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Functions.GoMath;

namespace Deucalion.PromQL.Functions.Histograms;

/// <summary>The operators <c>&lt;/</c> and <c>&gt;/</c>: the part of a histogram on one side of a bound, buckets that it cuts shared by interpolation.</summary>
internal static class HistogramTrim
{
    /// <param name="histogram">Is not changed.</param>
    /// <param name="bound">Where to cut.</param>
    /// <param name="keepsUpper">Whether what lies above the bound is kept.</param>
    public static FloatHistogram Trim(FloatHistogram histogram, double bound, bool keepsUpper)
    {
        var state = new State { Bound = bound, KeepsUpper = keepsUpper, IsCustom = histogram.UsesCustomBuckets() };
        var positive = state.Side(histogram, histogram.PositiveSpans, histogram.PositiveBuckets, isPositive: true, out var hasPositive);
        var negative = state.Side(histogram, histogram.NegativeSpans, histogram.NegativeBuckets, isPositive: false, out var hasNegative);
        var zero = histogram.ZeroCount;
        if (zero > 0)
        {
            zero = state.Zero(histogram, hasPositive, hasNegative);
        }

        if (!state.Changed)
        {
            return histogram;
        }

        var trimmed = histogram.ShallowCopy();
        trimmed.PositiveBuckets = positive;
        trimmed.NegativeBuckets = negative;
        trimmed.ZeroCount = zero;
        trimmed.Count = state.Count;
        trimmed.Sum = state.Sum;
        return trimmed.Compact();
    }

    /// <summary>Middle of an interval, by which its observations are valued.</summary>
    private static double Midpoint(double lower, double upper, bool isPositive, bool isLinear)
    {
        if (double.IsInfinity(lower))
        {
            return double.IsInfinity(upper) ? 0 : upper > 0 ? upper / 2 : upper;
        }

        if (double.IsInfinity(upper))
        {
            return lower;
        }

        if (isLinear)
        {
            return (lower + upper) / 2;
        }

        var mean = Math.Sqrt(Math.Abs(lower * upper));
        return isPositive ? mean : -mean;
    }

    /// <summary>The part of a bucket's count at or below a bound inside it.</summary>
    private static double Below(in HistogramBucket bucket, double bound, bool isPositive, bool isLinear)
    {
        if (isLinear)
        {
            return bucket.Count * ((bound - bucket.Lower) / (bucket.Upper - bucket.Lower));
        }

        var lower = Logarithms.Log2(Math.Abs(bucket.Lower));
        var upper = Logarithms.Log2(Math.Abs(bucket.Upper));
        var at = Logarithms.Log2(Math.Abs(bound));
        return bucket.Count * (isPositive ? (at - lower) / (upper - lower) : 1 - ((at - upper) / (lower - upper)));
    }

    private sealed class State
    {
        public required double Bound { get; init; }

        public required bool KeepsUpper { get; init; }

        public required bool IsCustom { get; init; }

        public bool Changed { get; private set; }

        public double Count { get; private set; }

        public double Sum { get; private set; }

        public double[] Side(FloatHistogram histogram, HistogramSpan[] spans, double[] counts, bool isPositive, out bool any)
        {
            any = false;
            var kept = (double[])counts.Clone();
            var index = 0;
            var at = 0;
            foreach (var span in spans)
            {
                index += span.Offset;
                for (var i = 0; i < span.Length; i++, index++, at++)
                {
                    if (counts[at] != 0)
                    {
                        any = true;
                        kept[at] = Bucket(HistogramBuckets.At(histogram, index, counts[at], isPositive), isPositive);
                    }
                }
            }

            return kept;
        }

        public double Zero(FloatHistogram histogram, bool hasPositive, bool hasNegative)
        {
            var lower = hasPositive && !hasNegative ? 0 : -histogram.ZeroThreshold;
            var upper = hasNegative && !hasPositive ? 0 : histogram.ZeroThreshold;
            var (from, to) = KeepsUpper ? (Math.Max(lower, Bound), upper) : (lower, Math.Min(upper, Bound));
            if (KeepsUpper ? Bound >= upper : Bound <= lower)
            {
                return Keep(histogram.ZeroCount, 0, 0);
            }

            var share = from == lower && to == upper ? 1 : (to - from) / (upper - lower);
            return Keep(histogram.ZeroCount, histogram.ZeroCount * share, (from + to) / 2);
        }

        private double Bucket(in HistogramBucket bucket, bool isPositive)
        {
            if (KeepsUpper ? bucket.Lower >= Bound : bucket.Upper <= Bound)
            {
                return Keep(bucket.Count, bucket.Count, Midpoint(bucket.Lower, bucket.Upper, isPositive, IsCustom));
            }

            if (KeepsUpper ? bucket.Upper <= Bound : bucket.Lower >= Bound)
            {
                return Keep(bucket.Count, 0, 0);
            }

            if (double.IsInfinity(bucket.Lower) || double.IsInfinity(bucket.Upper))
            {
                return Infinite(bucket);
            }

            var below = Below(bucket, Bound, isPositive, IsCustom);
            return KeepsUpper
                ? Keep(bucket.Count, bucket.Count - below, Midpoint(Bound, bucket.Upper, isPositive, IsCustom))
                : Keep(bucket.Count, below, Midpoint(bucket.Lower, Bound, isPositive, IsCustom));
        }

        /// <summary>A cut bucket that is open to one side: how observations lie in it is not known, below a positive bound from 0 assumed.</summary>
        private double Infinite(in HistogramBucket bucket)
        {
            if (double.IsPositiveInfinity(bucket.Upper) && !double.IsNegativeInfinity(bucket.Lower))
            {
                return KeepsUpper ? Keep(bucket.Count, bucket.Count, Bound) : Keep(bucket.Count, 0, 0);
            }

            if (double.IsPositiveInfinity(bucket.Upper))
            {
                return Keep(bucket.Count, 0, 0);
            }

            if (KeepsUpper)
            {
                return Bound >= 0
                    ? Keep(bucket.Count, bucket.Count * (1 - (Bound / bucket.Upper)), (Bound + bucket.Upper) / 2)
                    : Keep(bucket.Count, 0, 0);
            }

            if (bucket.Upper <= 0)
            {
                return Keep(bucket.Count, bucket.Count, Bound);
            }

            return Bound > 0 ? Keep(bucket.Count, bucket.Count * Bound / bucket.Upper, Bound / 2) : Keep(bucket.Count, 0, 0);
        }

        private double Keep(double before, double kept, double midpoint)
        {
            Changed |= before != kept;
            Count += kept;
            Sum += kept * midpoint;
            return kept;
        }
    }
}
