using System.Globalization;
using System.Text;
using Deucalion.Common.Text;

namespace Deucalion.Common.Samples.Histograms;

/// <summary>Native histograms as Prometheus prints them: <c>{count:3, sum:1.5, (1,2]:3}</c>. Empty buckets are left out.</summary>
public static class HistogramText
{
    /// <summary>The text of a histogram with float counts.</summary>
    public static string Of(FloatHistogram histogram) => Of(histogram, GoFloat.FormatGeneral);

    /// <summary>The text of a histogram whose counts are integers, which are never printed with an exponent.</summary>
    public static string OfIntegers(FloatHistogram histogram) => Of(histogram, static c => ((ulong)c).ToString(CultureInfo.InvariantCulture));

    private static string Of(FloatHistogram histogram, Func<double, string> count)
    {
        var text = new StringBuilder("{count:").Append(count(histogram.Count)).Append(", sum:").Append(GoFloat.FormatGeneral(histogram.Sum));
        var negative = Side(histogram, histogram.NegativeSpans, histogram.NegativeBuckets, isPositive: false);
        negative.Reverse();
        negative.ForEach(b => Append(text, b, count));
        if (histogram.ZeroCount != 0)
        {
            Append(text, new(-histogram.ZeroThreshold, histogram.ZeroThreshold, true, true, histogram.ZeroCount), count);
        }

        Side(histogram, histogram.PositiveSpans, histogram.PositiveBuckets, isPositive: true).ForEach(b => Append(text, b, count));
        return text.Append('}').ToString();
    }

    private static List<HistogramBucket> Side(FloatHistogram histogram, HistogramSpan[] spans, double[] counts, bool isPositive)
    {
        var buckets = new List<HistogramBucket>(counts.Length);
        var index = 0;
        var at = 0;
        foreach (var span in spans)
        {
            index += span.Offset;
            for (var i = 0; i < span.Length; i++, index++, at++)
            {
                if (counts[at] != 0)
                {
                    buckets.Add(HistogramBuckets.At(histogram, index, counts[at], isPositive));
                }
            }
        }

        return buckets;
    }

    private static void Append(StringBuilder text, HistogramBucket bucket, Func<double, string> count) =>
        text.Append(", ").Append(bucket.LowerInclusive ? '[' : '(').Append(GoFloat.FormatGeneral(bucket.Lower)).Append(',')
            .Append(GoFloat.FormatGeneral(bucket.Upper)).Append(bucket.UpperInclusive ? ']' : ')').Append(':').Append(count(bucket.Count));
}
