namespace Deucalion.Common.Samples.Histograms;

/// <summary>The difference of two samples of one histogram where their layouts fit without any conversion, which is nearly always.</summary>
public static class HistogramDifference
{
    /// <summary>
    /// What <see cref="HistogramSum"/> yields for <paramref name="last"/> minus <paramref name="first"/>, without empty buckets, as a gauge; or null
    /// where the layouts differ in more than buckets that the first lacks. The result's counts belong to the caller.
    /// </summary>
    public static FloatHistogram? Of(FloatHistogram last, FloatHistogram first)
    {
        if (last.Schema != first.Schema || !HaveSameBounds(last, first)
            || !TrySubtract(last.PositiveSpans, last.PositiveBuckets, first.PositiveSpans, first.PositiveBuckets, out var positiveSpans, out var positive)
            || !TrySubtract(last.NegativeSpans, last.NegativeBuckets, first.NegativeSpans, first.NegativeBuckets, out var negativeSpans, out var negative))
        {
            return null;
        }

        return new FloatHistogram
        {
            CounterResetHint = CounterResetHint.Gauge,
            Schema = last.Schema,
            ZeroThreshold = last.ZeroThreshold,
            ZeroCount = last.ZeroCount - first.ZeroCount,
            Count = last.Count - first.Count,
            Sum = last.Sum - first.Sum,
            PositiveSpans = positiveSpans,
            PositiveBuckets = positive,
            NegativeSpans = negativeSpans,
            NegativeBuckets = negative,
            CustomValues = last.CustomValues,
        };
    }

    /// <summary>Whether all buckets of a histogram lie outside its zero bucket.</summary>
    internal static bool IsOutsideZero(FloatHistogram histogram) =>
        IsOutside(histogram, histogram.PositiveSpans) && IsOutside(histogram, histogram.NegativeSpans);

    private static bool HaveSameBounds(FloatHistogram last, FloatHistogram first) => last.UsesCustomBuckets()
        ? last.CustomValues.AsSpan().SequenceEqual(first.CustomValues)
        : last.ZeroThreshold == first.ZeroThreshold && IsOutsideZero(first);

    private static bool IsOutside(FloatHistogram histogram, HistogramSpan[] spans) =>
        spans.Length == 0 || ExponentialBounds.Upper(histogram.Schema, spans[0].Offset - 1) >= histogram.ZeroThreshold;

    private static bool TrySubtract(
        HistogramSpan[] lastSpans, double[] lastCounts, HistogramSpan[] firstSpans, double[] firstCounts, out HistogramSpan[] spans, out double[] counts)
    {
        (spans, counts) = (lastSpans, []);
        if (lastCounts.Length == 0)
        {
            spans = [];
            return firstCounts.Length == 0;
        }

        counts = new double[lastCounts.Length];
        var last = new BucketCursor(lastSpans, lastCounts);
        var first = new BucketCursor(firstSpans, firstCounts);
        var more = first.Next();
        var populated = 0;
        for (var i = 0; i < counts.Length && last.Next(); i++)
        {
            counts[i] = last.Count;
            if (more && first.Index == last.Index)
            {
                counts[i] -= first.Count;
                more = first.Next();
            }

            populated += counts[i] == 0 ? 0 : 1;
        }

        if (more)
        {
            return false;
        }

        if (populated < counts.Length || !IsNormal(lastSpans))
        {
            (spans, counts) = BucketList.Of(lastSpans, counts).ToSpans();
        }

        return true;
    }

    // Without empty spans, and without spans that follow one another.
    private static bool IsNormal(HistogramSpan[] spans)
    {
        for (var i = 0; i < spans.Length; i++)
        {
            if (spans[i].Length == 0 || (i > 0 && spans[i].Offset == 0))
            {
                return false;
            }
        }

        return true;
    }
}
