using System.Text;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.Common.Text;

namespace Deucalion.PromQL.Functions.Histograms;

/// <summary>Native histograms as Prometheus prints them: <c>{count:3, sum:1.5, (1,2]:3}</c>.</summary>
public static class HistogramText
{
    /// <summary>The text.</summary>
    public static string Of(FloatHistogram histogram)
    {
        var buckets = new List<HistogramBucket>();
        HistogramBuckets.List(histogram, buckets);
        var text = new StringBuilder("{count:").Append(GoFloat.FormatGeneral(histogram.Count))
            .Append(", sum:").Append(GoFloat.FormatGeneral(histogram.Sum));
        if (histogram.ZeroCount < 0)
        {
            // Lists leave it out, but it is printed: before what is above zero.
            var zero = new HistogramBucket(-histogram.ZeroThreshold, histogram.ZeroThreshold, true, true, histogram.ZeroCount);
            var at = buckets.FindIndex(b => b.Upper > histogram.ZeroThreshold);
            buckets.Insert(at < 0 ? buckets.Count : at, zero);
        }

        foreach (var bucket in buckets)
        {
            if (bucket.Count != 0)
            {
                text.Append(", ").Append(bucket.LowerInclusive ? '[' : '(').Append(GoFloat.FormatGeneral(bucket.Lower)).Append(',')
                    .Append(GoFloat.FormatGeneral(bucket.Upper)).Append(bucket.UpperInclusive ? ']' : ')')
                    .Append(':').Append(GoFloat.FormatGeneral(bucket.Count));
            }
        }

        return text.Append('}').ToString();
    }
}
