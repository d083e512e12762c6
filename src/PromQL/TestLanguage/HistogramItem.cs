using System.Globalization;
using Deucalion.Common.Samples;
using Deucalion.Common.Text;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>Reads the inside of <c>{{…}}</c>: space separated <c>key:value</c>.</summary>
internal static class HistogramItem
{
    public static FloatHistogram Parse(string text, int line, out bool hintGiven)
    {
        var histogram = new FloatHistogram();
        var offset = 0;
        var negativeOffset = 0;
        hintGiven = false;
        var seen = new HashSet<string>();
        foreach (var (key, value) in Fields(text, line))
        {
            if (!seen.Add(key))
            {
                throw new ScriptException(line, $"histogram key {key} comes twice");
            }

            switch (key)
            {
                case "schema": histogram.Schema = Integer(value); break;
                case "sum": histogram.Sum = Number(value, line); break;
                case "count": histogram.Count = Number(value, line); break;
                case "z_bucket": histogram.ZeroCount = Number(value, line); break;
                case "z_bucket_w": histogram.ZeroThreshold = Number(value, line); break;
                case "buckets": histogram.PositiveBuckets = Numbers(value, line); break;
                case "n_buckets": histogram.NegativeBuckets = Numbers(value, line); break;
                case "offset": offset = Integer(value); break;
                case "n_offset": negativeOffset = Integer(value); break;
                case "custom_values": histogram.CustomValues = Numbers(value, line); break;
                case "counter_reset_hint":
                    histogram.CounterResetHint = Hint(value, line);
                    hintGiven = true;
                    break;
                default: throw new ScriptException(line, $"unknown histogram key {key}");
            }
        }

        histogram.PositiveSpans = Spans(offset, histogram.PositiveBuckets);
        histogram.NegativeSpans = Spans(negativeOffset, histogram.NegativeBuckets);
        return histogram;
    }

    private static HistogramSpan[] Spans(int offset, double[] buckets) => buckets.Length == 0 ? [] : [new(offset, (uint)buckets.Length)];

    private static List<(string Key, string Value)> Fields(string text, int line)
    {
        var fields = new List<(string, string)>();
        var rest = text.AsSpan().Trim();
        while (!rest.IsEmpty)
        {
            var colon = rest.IndexOf(':');
            if (colon < 0)
            {
                throw new ScriptException(line, $"bad histogram {text}");
            }

            var key = rest[..colon].ToString();
            rest = rest[(colon + 1)..];
            var end = rest.StartsWith("[") ? rest.IndexOf(']') + 1 : rest.IndexOf(' ');
            end = end < 0 ? rest.Length : end;
            fields.Add((key, rest[..end].ToString()));
            rest = rest[end..].TrimStart();
        }

        return fields;
    }

    private static int Integer(string text) => int.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private static double Number(string text, int line) =>
        GoNumber.TryParseFloat(text, out var value) ? value : throw new ScriptException(line, $"bad number {text}");

    private static double[] Numbers(string text, int line)
    {
        var words = text.Trim('[', ']').Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return Array.ConvertAll(words, word => Number(word, line));
    }

    private static CounterResetHint Hint(string text, int line) => text switch
    {
        "unknown" => CounterResetHint.Unknown,
        "reset" => CounterResetHint.CounterReset,
        "not_reset" => CounterResetHint.NotCounterReset,
        "gauge" => CounterResetHint.Gauge,
        _ => throw new ScriptException(line, $"bad hint {text}"),
    };
}
