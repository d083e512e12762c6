using System.Text.Json;
using Deucalion.Common.Samples;

namespace Deucalion.Storage.Tests.Chunks;

/// <summary>Histograms as the reference vectors write them: integer ones under <c>h</c>, float ones under <c>fh</c>.</summary>
internal static class HistogramJson
{
    public static FloatHistogram Parse(JsonElement sample)
    {
        var isInteger = sample.TryGetProperty("h", out var h);
        h = isInteger ? h : sample.GetProperty("fh");
        return new FloatHistogram
        {
            IsInteger = isInteger,
            CounterResetHint = h.GetProperty("counter_reset_hint").GetString() switch
            {
                "unknown" => CounterResetHint.Unknown,
                "counter_reset" or "reset" => CounterResetHint.CounterReset,
                "not_counter_reset" or "not_reset" => CounterResetHint.NotCounterReset,
                "gauge" => CounterResetHint.Gauge,
                var other => throw new FormatException(other),
            },
            Schema = h.GetProperty("schema").GetInt32(),
            ZeroThreshold = ChunkVectors.Double(h.GetProperty("zero_threshold_bits")),
            Sum = ChunkVectors.Double(h.GetProperty("sum_bits")),
            Count = isInteger ? h.GetProperty("count").GetUInt64() : ChunkVectors.Double(h.GetProperty("count_bits")),
            ZeroCount = isInteger ? h.GetProperty("zero_count").GetUInt64() : ChunkVectors.Double(h.GetProperty("zero_count_bits")),
            PositiveSpans = Spans(h, "positive_spans"),
            NegativeSpans = Spans(h, "negative_spans"),
            PositiveBuckets = isInteger ? Absolute(h, "positive_bucket_deltas") : Doubles(h, "positive_buckets_bits"),
            NegativeBuckets = isInteger ? Absolute(h, "negative_bucket_deltas") : Doubles(h, "negative_buckets_bits"),
            CustomValues = Doubles(h, "custom_values_bits"),
        };
    }

    private static HistogramSpan[] Spans(JsonElement h, string name) => h.GetProperty(name).EnumerateArray()
        .Select(s => new HistogramSpan(s.GetProperty("offset").GetInt32(), s.GetProperty("length").GetUInt32())).ToArray();

    private static double[] Doubles(JsonElement h, string name) => h.GetProperty(name).EnumerateArray().Select(ChunkVectors.Double).ToArray();

    private static double[] Absolute(JsonElement h, string name)
    {
        var sum = 0L;
        return h.GetProperty(name).EnumerateArray().Select(d => (double)(sum += d.GetInt64())).ToArray();
    }
}
