namespace Deucalion.Common.Samples.Histograms;

/// <summary>Compares native histograms.</summary>
public static class HistogramComparison
{
    /// <summary>Whether both are the same bit for bit, layout included; hints do not count.</summary>
    public static bool SameAs(this FloatHistogram a, FloatHistogram b)
    {
        if (a.Schema != b.Schema || !SameBits(a.Count, b.Count) || !SameBits(a.Sum, b.Sum))
        {
            return false;
        }

        if (a.UsesCustomBuckets() && !SameBits(a.CustomValues, b.CustomValues))
        {
            return false;
        }

        return SameBits(a.ZeroThreshold, b.ZeroThreshold)
            && SameBits(a.ZeroCount, b.ZeroCount)
            && SameLayout(a.NegativeSpans, b.NegativeSpans)
            && SameBits(a.NegativeBuckets, b.NegativeBuckets)
            && SameLayout(a.PositiveSpans, b.PositiveSpans)
            && SameBits(a.PositiveBuckets, b.PositiveBuckets);
    }

    /// <summary>Whether the counter was reset between two samples: by the hint where it says so, else because something became less.</summary>
    public static bool DetectReset(FloatHistogram current, FloatHistogram previous)
    {
        if (current.CounterResetHint == CounterResetHint.CounterReset)
        {
            return true;
        }

        if (current.CounterResetHint == CounterResetHint.NotCounterReset)
        {
            return false;
        }

        if (current.Count < previous.Count || current.UsesCustomBuckets() != previous.UsesCustomBuckets())
        {
            return true;
        }

        var positive = BucketList.Of(current.PositiveSpans, current.PositiveBuckets);
        var previousPositive = BucketList.Of(previous.PositiveSpans, previous.PositiveBuckets);
        if (current.UsesCustomBuckets())
        {
            if (!current.CustomValues.AsSpan().SequenceEqual(previous.CustomValues))
            {
                var common = CustomBounds.Intersect(current.CustomValues, previous.CustomValues);
                CustomBounds.Fold(positive, current.CustomValues, common);
                CustomBounds.Fold(previousPositive, previous.CustomValues, common);
            }

            return AnyLess(positive, previousPositive);
        }

        if (current.Schema > previous.Schema || current.ZeroThreshold < previous.ZeroThreshold)
        {
            return true;
        }

        var negative = BucketList.Of(current.NegativeSpans, current.NegativeBuckets);
        var previousNegative = BucketList.Of(previous.NegativeSpans, previous.NegativeBuckets);
        var (threshold, zero) = ZeroBucketWidening.Widen(
            previous.Schema, previous.ZeroCount, previous.ZeroThreshold, previousPositive, previousNegative, current.ZeroThreshold);
        if (threshold != current.ZeroThreshold || current.ZeroCount < zero)
        {
            return true;
        }

        ZeroBucketWidening.Trim(previous.Schema, previousPositive, previousNegative, threshold);
        previousPositive.Reduce(previous.Schema - current.Schema);
        previousNegative.Reduce(previous.Schema - current.Schema);
        return AnyLess(positive, previousPositive) || AnyLess(negative, previousNegative);
    }

    private static bool AnyLess(BucketList current, BucketList previous)
    {
        var now = current.Entries;
        var i = 0;
        foreach (ref readonly var before in previous.Entries)
        {
            while (i < now.Length && now[i].Index < before.Index)
            {
                i++;
            }

            // As in Prometheus, behind the last bucket of now only one more bucket is looked at.
            if (i == now.Length)
            {
                return before.Total != 0;
            }

            if (now[i].Index == before.Index ? now[i].Total < before.Total : before.Total != 0)
            {
                return true;
            }
        }

        return false;
    }

    private static bool SameLayout(HistogramSpan[] a, HistogramSpan[] b)
    {
        // Spans without buckets only move the next one.
        int i = 0, j = 0;
        while (true)
        {
            var offsetA = SkipEmpty(a, ref i);
            var offsetB = SkipEmpty(b, ref j);
            if (i == a.Length || j == b.Length)
            {
                return i == a.Length && j == b.Length;
            }

            if (offsetA + a[i].Offset != offsetB + b[j].Offset || a[i].Length != b[j].Length)
            {
                return false;
            }

            i++;
            j++;
        }
    }

    private static int SkipEmpty(HistogramSpan[] spans, ref int i)
    {
        var offset = 0;
        while (i < spans.Length && spans[i].Length == 0)
        {
            offset += spans[i++].Offset;
        }

        return offset;
    }

    private static bool SameBits(double a, double b) => BitConverter.DoubleToInt64Bits(a) == BitConverter.DoubleToInt64Bits(b);

    private static bool SameBits(double[] a, double[] b)
    {
        if (a.Length != b.Length)
        {
            return false;
        }

        for (var i = 0; i < a.Length; i++)
        {
            if (!SameBits(a[i], b[i]))
            {
                return false;
            }
        }

        return true;
    }
}
