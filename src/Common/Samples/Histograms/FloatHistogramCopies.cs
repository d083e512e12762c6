namespace Deucalion.Common.Samples.Histograms;

/// <summary>Changed copies of histograms, which are shared and therefore never changed themselves.</summary>
public static class FloatHistogramCopies
{
    /// <summary>Whether the bounds are custom ones.</summary>
    public static bool UsesCustomBuckets(this FloatHistogram histogram) => histogram.Schema == FloatHistogram.CustomBucketsSchema;

    /// <summary>A copy with its own fields; the arrays are shared.</summary>
    public static FloatHistogram ShallowCopy(this FloatHistogram histogram) => new()
    {
        CounterResetHint = histogram.CounterResetHint,
        Schema = histogram.Schema,
        ZeroThreshold = histogram.ZeroThreshold,
        ZeroCount = histogram.ZeroCount,
        Count = histogram.Count,
        Sum = histogram.Sum,
        PositiveSpans = histogram.PositiveSpans,
        NegativeSpans = histogram.NegativeSpans,
        PositiveBuckets = histogram.PositiveBuckets,
        NegativeBuckets = histogram.NegativeBuckets,
        CustomValues = histogram.CustomValues,
    };

    /// <summary>The histogram with another hint; itself where it has that hint.</summary>
    public static FloatHistogram WithHint(this FloatHistogram histogram, CounterResetHint hint)
    {
        if (histogram.CounterResetHint == hint)
        {
            return histogram;
        }

        var copy = histogram.ShallowCopy();
        copy.CounterResetHint = hint;
        copy.IsInteger = histogram.IsInteger;
        return copy;
    }

    /// <summary>The histogram without empty buckets and spans.</summary>
    public static FloatHistogram Compact(this FloatHistogram histogram)
    {
        var copy = histogram.ShallowCopy();
        (copy.PositiveSpans, copy.PositiveBuckets) = BucketList.Of(histogram.PositiveSpans, histogram.PositiveBuckets).ToSpans();
        (copy.NegativeSpans, copy.NegativeBuckets) = BucketList.Of(histogram.NegativeSpans, histogram.NegativeBuckets).ToSpans();
        return copy;
    }

    /// <summary>The histogram at a lower resolution; itself where it has that schema.</summary>
    public static FloatHistogram ReduceTo(this FloatHistogram histogram, int schema)
    {
        if (histogram.UsesCustomBuckets() || histogram.Schema <= schema)
        {
            return histogram;
        }

        var copy = histogram.ShallowCopy();
        var delta = histogram.Schema - schema;
        copy.Schema = schema;
        (copy.PositiveSpans, copy.PositiveBuckets) = BucketList.Of(histogram.PositiveSpans, histogram.PositiveBuckets).Reduce(delta).ToSpans();
        (copy.NegativeSpans, copy.NegativeBuckets) = BucketList.Of(histogram.NegativeSpans, histogram.NegativeBuckets).Reduce(delta).ToSpans();
        return copy;
    }

    /// <summary>All counts and the sum times a factor; a negative factor makes a gauge.</summary>
    public static FloatHistogram Multiply(this FloatHistogram histogram, double factor)
    {
        var copy = histogram.ShallowCopy();
        copy.ZeroCount *= factor;
        copy.Count *= factor;
        copy.Sum *= factor;
        copy.PositiveBuckets = Scaled(histogram.PositiveBuckets, factor);
        copy.NegativeBuckets = Scaled(histogram.NegativeBuckets, factor);
        if (factor < 0)
        {
            copy.CounterResetHint = CounterResetHint.Gauge;
        }

        return copy;
    }

    /// <summary>Multiplies all counts and the sum in place: for a histogram whose counts nobody else sees, and a factor that is not negative.</summary>
    public static void ScaleOwn(this FloatHistogram histogram, double factor)
    {
        histogram.ZeroCount *= factor;
        histogram.Count *= factor;
        histogram.Sum *= factor;
        foreach (ref var count in histogram.PositiveBuckets.AsSpan())
        {
            count *= factor;
        }

        foreach (ref var count in histogram.NegativeBuckets.AsSpan())
        {
            count *= factor;
        }
    }

    /// <summary>All counts and the sum divided; division by zero removes the buckets, a negative divisor makes a gauge.</summary>
    public static FloatHistogram Divide(this FloatHistogram histogram, double divisor)
    {
        var copy = histogram.ShallowCopy();
        copy.ZeroCount /= divisor;
        copy.Count /= divisor;
        copy.Sum /= divisor;
        if (divisor == 0)
        {
            copy.PositiveBuckets = [];
            copy.NegativeBuckets = [];
            copy.PositiveSpans = [];
            copy.NegativeSpans = [];
            return copy;
        }

        copy.PositiveBuckets = Divided(histogram.PositiveBuckets, divisor);
        copy.NegativeBuckets = Divided(histogram.NegativeBuckets, divisor);
        if (divisor < 0)
        {
            copy.CounterResetHint = CounterResetHint.Gauge;
        }

        return copy;
    }

    private static double[] Scaled(double[] counts, double factor)
    {
        var scaled = new double[counts.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            scaled[i] = counts[i] * factor;
        }

        return scaled;
    }

    private static double[] Divided(double[] counts, double divisor)
    {
        var divided = new double[counts.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            divided[i] = counts[i] / divisor;
        }

        return divided;
    }
}
