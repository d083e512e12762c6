using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;

namespace Deucalion.PromQL.Functions.Extended;

/// <summary>Linear interpolation between two samples.</summary>
internal static class Interpolation
{
    public static double Between(long time1, double value1, long time2, double value2, long at) =>
        value1 + ((value2 - value1) * (at - time1) / (time2 - time1));

    /// <summary>The same for histograms of one kind; a counter that was reset in between starts from nothing.</summary>
    /// <returns>Null where one has exponential and the other custom buckets.</returns>
    public static FloatHistogram? Between(in HistogramSample a, in HistogramSample b, long at, bool isCounter)
    {
        if (a.Histogram.UsesCustomBuckets() != b.Histogram.UsesCustomBuckets())
        {
            return null;
        }

        var fraction = (double)(at - a.Time) / (b.Time - a.Time);
        if (isCounter && HistogramComparison.DetectReset(b.Histogram, a.Histogram))
        {
            return b.Histogram.Multiply(fraction);
        }

        var difference = new HistogramSum();
        difference.Start(b.Histogram);
        difference.Subtract(a.Histogram);
        var sum = new HistogramSum();
        sum.Start(a.Histogram);
        sum.Add(difference.ToHistogram().Multiply(fraction));
        sum.Hint = a.Histogram.CounterResetHint;
        return sum.ToHistogram();
    }
}
