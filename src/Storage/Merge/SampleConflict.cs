using Deucalion.Common.Samples;

namespace Deucalion.Storage.Merge;

/// <summary>
/// Which of two samples of one series and time counts, wherever copies meet: a value beats a stale marker, then the larger bits win. The
/// order in which they are met does not matter.
/// </summary>
public static class SampleConflict
{
    /// <summary>The float that counts.</summary>
    public static double Pick(double a, double b)
    {
        if (SpecialValues.IsStaleNaN(a))
        {
            return b;
        }

        if (SpecialValues.IsStaleNaN(b))
        {
            return a;
        }

        return BitConverter.DoubleToUInt64Bits(a) >= BitConverter.DoubleToUInt64Bits(b) ? a : b;
    }

    /// <summary>The histogram that counts: of two values that with the larger count, then sum, zero count, schema, buckets.</summary>
    public static HistogramSample Pick(in HistogramSample a, in HistogramSample b)
    {
        if (IsStale(a) != IsStale(b))
        {
            return IsStale(a) ? b : a;
        }

        return Compare(a.Histogram, b.Histogram) >= 0 ? a : b;
    }

    /// <summary>Whether the histogram, rather than the float of the same time, counts: it does unless it alone is a stale marker.</summary>
    public static bool HistogramWins(in HistogramSample histogram, double value) => !IsStale(histogram) || SpecialValues.IsStaleNaN(value);

    private static bool IsStale(in HistogramSample sample) => SpecialValues.IsStaleNaN(sample.Histogram.Sum);

    private static int Compare(FloatHistogram a, FloatHistogram b)
    {
        var order = Bits(a.Count).CompareTo(Bits(b.Count));
        order = order != 0 ? order : Bits(a.Sum).CompareTo(Bits(b.Sum));
        order = order != 0 ? order : Bits(a.ZeroCount).CompareTo(Bits(b.ZeroCount));
        order = order != 0 ? order : a.Schema.CompareTo(b.Schema);
        order = order != 0 ? order : Compare(a.PositiveBuckets, b.PositiveBuckets);
        order = order != 0 ? order : Compare(a.NegativeBuckets, b.NegativeBuckets);
        order = order != 0 ? order : Compare(a.PositiveSpans, b.PositiveSpans);
        order = order != 0 ? order : Compare(a.NegativeSpans, b.NegativeSpans);
        return order != 0 ? order : a.CounterResetHint.CompareTo(b.CounterResetHint);
    }

    private static int Compare(double[] a, double[] b)
    {
        for (var i = 0; i < a.Length && i < b.Length; i++)
        {
            var order = Bits(a[i]).CompareTo(Bits(b[i]));
            if (order != 0)
            {
                return order;
            }
        }

        return a.Length.CompareTo(b.Length);
    }

    private static int Compare(HistogramSpan[] a, HistogramSpan[] b)
    {
        for (var i = 0; i < a.Length && i < b.Length; i++)
        {
            var order = (a[i].Offset, a[i].Length).CompareTo((b[i].Offset, b[i].Length));
            if (order != 0)
            {
                return order;
            }
        }

        return a.Length.CompareTo(b.Length);
    }

    private static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);
}
