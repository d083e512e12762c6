using System.Globalization;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.Common.Text;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>Native histograms in the notation of series, as Prometheus's tools print them.</summary>
public static class HistogramNotation
{
    /// <summary>The histogram, such as <c>{{count:2 sum:3 buckets:[2]}}</c>; what is zero is left out.</summary>
    public static string Print(FloatHistogram histogram)
    {
        var h = histogram.Compact();
        var parts = new List<string>();
        if (h.Schema != 0)
        {
            parts.Add("schema:" + h.Schema.ToString(CultureInfo.InvariantCulture));
        }

        AddNumber(parts, "count", h.Count);
        AddNumber(parts, "sum", h.Sum);
        AddNumber(parts, "z_bucket", h.ZeroCount);
        AddNumber(parts, "z_bucket_w", h.ZeroThreshold);
        if (h.UsesCustomBuckets())
        {
            parts.Add("custom_values:" + List(h.CustomValues));
        }

        switch (h.CounterResetHint)
        {
            case CounterResetHint.CounterReset: parts.Add("counter_reset_hint:reset"); break;
            case CounterResetHint.NotCounterReset: parts.Add("counter_reset_hint:not_reset"); break;
            case CounterResetHint.Gauge: parts.Add("counter_reset_hint:gauge"); break;
        }

        AddBuckets(parts, string.Empty, h.PositiveSpans, h.PositiveBuckets);
        AddBuckets(parts, "n_", h.NegativeSpans, h.NegativeBuckets);
        return "{{" + string.Join(' ', parts) + "}}";
    }

    private static void AddNumber(List<string> parts, string name, double value)
    {
        if (value != 0)
        {
            parts.Add($"{name}:{GoFloat.FormatGeneral(value)}");
        }
    }

    // The notation has no gaps: they are written out as empty buckets.
    private static void AddBuckets(List<string> parts, string prefix, HistogramSpan[] spans, double[] buckets)
    {
        if (spans.Length == 0)
        {
            return;
        }

        if (spans[0].Offset != 0)
        {
            parts.Add($"{prefix}offset:{spans[0].Offset.ToString(CultureInfo.InvariantCulture)}");
        }

        var values = new List<double>();
        var next = 0;
        for (var i = 0; i < spans.Length; i++)
        {
            values.AddRange(Enumerable.Repeat(0.0, i == 0 ? 0 : spans[i].Offset));
            values.AddRange(buckets.AsSpan(next, (int)spans[i].Length));
            next += (int)spans[i].Length;
        }

        parts.Add($"{prefix}buckets:{List(values)}");
    }

    private static string List(IEnumerable<double> values) => "[" + string.Join(' ', values.Select(static v => GoFloat.FormatGeneral(v))) + "]";
}
