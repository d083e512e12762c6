using System.Globalization;
using Deucalion.Benchmarks.Load;

namespace Deucalion.Benchmarks.Shapes;

/// <summary>A shape of query: one range query, or several instant queries that are asked one after the other and timed as one.</summary>
/// <param name="Name">What the table calls it; the numbers of series are those of a fleet of 100,000.</param>
/// <param name="Step">Step in seconds of a range query over the hour; 0 for instant queries at its end.</param>
/// <param name="Queries">The queries.</param>
internal sealed record QueryShape(string Name, int Step, params string[] Queries)
{
    private const string NativeName = "histogram_quantile, 2,000 native histograms";

    /// <summary>Whether it is about native histograms, which VictoriaMetrics does not take in as such.</summary>
    public bool IsNative => Name == NativeName;

    /// <summary>All shapes, over the data of <see cref="Fleet"/>, <see cref="ProbeRequest"/> and <see cref="NativeHistogramRequest"/>.</summary>
    public static IReadOnlyList<QueryShape> All { get; } =
    [
        new("sum(rate), 10,000 series", 15, """sum(rate(http_requests_total{method="GET"}[5m]))"""),
        new("sum by (job)(rate), 40,000", 15, "sum by (job) (rate(http_requests_total[5m]))"),
        new("histogram_quantile, 24,000 classic buckets", 15, "histogram_quantile(0.99, sum by (job, le) (rate(http_request_duration_seconds_bucket[5m])))"),
        new(NativeName, 60, "histogram_quantile(0.99, sum by (job) (rate(rpc_duration_seconds[5m])))"),
        new("topk(rate), 8,000", 15, "topk(10, rate(container_cpu_usage_seconds_total[5m]))"),
        new("max_over_time, 12,000", 15, "sum by (job) (max_over_time(process_memory_region_bytes[5m]))"),
        new("many-to-one join, 10,000 with 200", 15, "sum by (version) (rate(http_requests_total{method=\"GET\"}[5m]) * on (pod) group_left (version) app_metric_00)"),
        new("subquery, 8,000", 60, "max by (job) (max_over_time(rate(container_cpu_usage_seconds_total[2m])[10m:1m]))"),
        new("regex selector, 24,000 of 40,000", 15, """sum by (job) (http_requests_total{handler=~"/api/v[12]/.*s(/:id)?", pod=~".*-7d9f8b6c5d-.*[0-9a-f]"})"""),
        new("one long series, 3,600 points", 1, "rate(probe_duration_seconds[1m])"),
        new("1,000 raw series", 15, $"http_requests_total{{pod=~\"{string.Join('|', Enumerable.Range(0, 5).Select(Fleet.PodName))}\"}}"),
        new("dashboard, 20 instant queries", 0, Dashboard()),
        new("quantile(avg_over_time), 12,000", 60, "quantile by (job) (0.9, avg_over_time(process_memory_region_bytes[10m]))"),
        new("count by, 40,000", 15, "count by (job, handler) (http_requests_total)"),
        new("increase over 1 h, 10,000", 60, """sum by (job) (increase(http_requests_total{code="500"}[1h])) + sum by (job) (increase(http_requests_total{code="404"}[1h]))"""),
        new("alert: share of errors by pod, 48,000", 60, """sum by (pod) (rate(http_requests_total{code=~"5.."}[5m])) / sum by (pod) (rate(http_requests_total[5m])) > 0.2"""),
    ];

    /// <summary>The paths to ask, over the hour that ends at <paramref name="end"/>.</summary>
    public IReadOnlyList<string> Paths(long end) =>
        [.. Queries.Select(q => Step == 0
            ? string.Create(CultureInfo.InvariantCulture, $"/api/v1/query?time={end}&query={Uri.EscapeDataString(q)}")
            : string.Create(CultureInfo.InvariantCulture, $"/api/v1/query_range?start={end - 3600}&end={end}&step={Step}&query={Uri.EscapeDataString(q)}"))];

    private static string[] Dashboard()
    {
        var pod = $"pod=\"{Fleet.PodName(7)}\"";
        return
        [
            $"sum(rate(http_requests_total{{{pod}}}[5m]))", $"sum by (code) (rate(http_requests_total{{{pod}}}[5m]))", $"sum by (handler) (rate(http_requests_total{{{pod}}}[5m]))",
            $"histogram_quantile(0.5, sum by (le) (rate(http_request_duration_seconds_bucket{{{pod}}}[5m])))",
            $"histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{{{pod}}}[5m])))",
            $"sum(rate(http_request_duration_seconds_sum{{{pod}}}[5m])) / sum(rate(http_request_duration_seconds_count{{{pod}}}[5m]))",
            $"sum(rate(container_cpu_usage_seconds_total{{{pod}}}[5m]))", $"topk(5, rate(container_cpu_usage_seconds_total{{{pod}}}[5m]))", $"sum(process_memory_region_bytes{{{pod}}})",
            $"max(process_memory_region_bytes{{{pod}}})", $"app_metric_00{{{pod}}}", $"app_metric_01{{{pod}}}", $"app_metric_02{{{pod}}}", $"app_metric_03{{{pod}}}",
            "count(app_metric_00)", "count by (version) (app_metric_04)", "max by (job) (app_metric_08)", "avg by (namespace) (app_metric_12)",
            $"sum(increase(http_requests_total{{{pod},code=\"500\"}}[1h]))", $"count({{{pod}}})",
        ];
    }
}
