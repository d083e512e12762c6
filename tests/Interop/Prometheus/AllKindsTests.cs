using System.Globalization;
using System.Text.Json;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Prometheus;

/// <summary>
/// A real Prometheus scrapes native histograms and exemplars and writes them here by remote write 1.0 and by 2.0, each into a tenant of its own:
/// both tenants must answer as Prometheus does, from heads and from blocks.
/// </summary>
public sealed class AllKindsTests(ITestOutputHelper output)
{
    private const int Scrapes = 45;

    private static readonly string[] Queries =
    [
        "size_bytes",
        "queue_length",
        "vanishing_bytes",
        "count_over_time(vanishing_bytes[1m])",
        "absent(vanishing_bytes)",
        "size_bytes offset 10s",
        "histogram_count(size_bytes)",
        "histogram_sum(size_bytes)",
        "histogram_avg(size_bytes)",
        "histogram_stddev(size_bytes)",
        "histogram_fraction(0, 2, size_bytes)",
        "histogram_quantile(0.9, size_bytes)",
        "histogram_quantile(0.9, rate(size_bytes[20s]))",
        "histogram_quantile(0.5, sum(rate(size_bytes[20s])))",
        "histogram_count(rate(size_bytes[30s]))",
        "rate(size_bytes[20s])",
        "increase(size_bytes[30s])",
        "irate(size_bytes[20s])",
        "resets(size_bytes[1m])",
        "changes(size_bytes[1m])",
        "sum by (job) (size_bytes)",
        "avg(queue_length)",
        "sum_over_time(queue_length[20s])",
        "avg_over_time(queue_length[20s])",
        "delta(queue_length[20s])",
        "last_over_time(size_bytes[20s])",
        "histogram_quantile(0.7, queue_length)",
        "histogram_quantile(0.7, sum by (le) (rate(latency_seconds_bucket[20s])))",
        "size_bytes * 2",
        "size_bytes + on(number, job, instance) size_bytes",
        "size_bytes == on(number, job, instance) size_bytes",
        "rate(requests_total[20s])",
        "prometheus_http_request_duration_seconds{handler=\"/metrics\"}",
        "histogram_quantile(0.9, sum(rate(prometheus_http_request_duration_seconds[20s])))",
        "count({__name__=~\".+\", __name__!=\"latency_seconds\"}) by (__name__)",
    ];

    // By 1.0 Prometheus sends histograms with custom buckets without their bounds.
    private static readonly string[] CustomBucketQueries =
    [
        "latency_seconds",
        "histogram_quantile(0.7, rate(latency_seconds[20s]))",
        "sum(latency_seconds)",
        "histogram_fraction(0, 1, latency_seconds)",
        "histogram_count(latency_seconds) / 2",
        "latency_seconds offset 10s",
        "increase(latency_seconds[20s])",
    ];

    // Of each kind, and what is appended last at a scrape.
    private static readonly string[] Arriving =
        ["requests_total", "latency_seconds_bucket", "size_bytes", "queue_length", "prometheus_http_request_duration_seconds", "scrape_series_added"];

    private static readonly string[] ExemplarQueries =
    [
        "requests_total",
        "histogram_quantile(0.7, sum by (le) (rate(latency_seconds_bucket[20s])))",
        "rate(size_bytes{job=~\"kinds|none\"}[1m])",
        "{number=\"0\", __name__!=\"latency_seconds\"}",
        "queue_length",
    ];

    [Fact]
    [Trait("Category", "slow")]
    public async Task HistogramsAndExemplarsAnswerAsInPrometheus_WrittenByBothVersions()
    {
        using var directory = new TemporaryDirectory();
        using var target = new KindsTarget();
        using var node = await NodeProcess.StartAsync(directory.Child("node"), "telemetry:\n  self_scrape: false\n");
        using var prometheus = await PrometheusProcess.StartAsync(
            directory.Child("prometheus"),
            port => Configuration(node, port, target.Port),
            "--enable-feature=native-histograms,exemplar-storage,metadata-wal-records");
        using var v1 = Client(node, "v1");
        using var v2 = Client(node, "v2");
        await Eventually.TrueAsync(
            () => Task.FromResult(target.Scrapes >= 2 * Scrapes), TimeSpan.FromMinutes(3), () => $"scraped {target.Scrapes} times");
        var end = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 2;
        foreach (var name in Arriving)
        {
            var path = PrometheusApi.InstantPath($"sum(count_over_time({name}[10m]))", end);
            string[] counts = [];
            await Eventually.TrueAsync(
                async () =>
                {
                    counts = await Task.WhenAll(new[] { prometheus.Http, v1, v2 }.Select(async http => Text(await PrometheusApi.GetDataAsync(http, path))));
                    return counts.Distinct().Count() == 1 && counts[0].Contains("value", StringComparison.Ordinal);
                },
                TimeSpan.FromMinutes(1),
                () => $"all of {name} has arrived: {string.Join(", ", counts)}; the node's output:\n{node.Process.Output}");
        }

        foreach (var kind in new[] { "samples", "histograms", "exemplars", "metadata" })
        {
            var failed = await prometheus.OwnMetricAsync($"prometheus_remote_storage_{kind}_failed_total");
            Assert.True(failed == 0, $"{failed} {kind} failed; Prometheus's output:\n{prometheus.Output}");
        }

        await CompareExemplarsAsync(prometheus.Http, [v1, v2], ExemplarQueries, end);
        await CompareExemplarsAsync(prometheus.Http, [v2], ["latency_seconds or rate(requests_total{number=\"1\"}[1m])"], end);
        await CompareAsync(prometheus.Http, v1, Queries, end);
        await CompareAsync(prometheus.Http, v2, [.. Queries, .. CustomBucketQueries], end);
        var metadata = (await PrometheusApi.GetDataAsync(v2, "/api/v1/metadata?metric=size_bytes")).GetProperty("size_bytes")[0];
        Assert.Equal(("histogram", "Help of size_bytes."), (metadata.GetProperty("type").GetString(), metadata.GetProperty("help").GetString()));

        await node.FlushAsync();
        await CompareAsync(prometheus.Http, v1, Queries, end);
        await CompareAsync(prometheus.Http, v2, [.. Queries, .. CustomBucketQueries], end);
    }

    private async Task CompareAsync(HttpClient prometheus, HttpClient tenant, string[] queries, long end)
    {
        var comparison = new QueryComparison(prometheus, tenant);
        foreach (var query in queries)
        {
            await comparison.CompareAsync(query, end - 30, end, 3);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{queries.Length} queries, {comparison.NotEmpty} not empty; empty: {string.Join("; ", comparison.Empty)}"));
        Assert.True(comparison.Differences.Count == 0, string.Join("\n\n", comparison.Differences));
        Assert.True(comparison.NotEmpty >= queries.Length - 3, $"only {comparison.NotEmpty} queries were not empty: {string.Join("; ", comparison.Empty)}");
    }

    private async Task CompareExemplarsAsync(HttpClient prometheus, HttpClient[] tenants, string[] queries, long end)
    {
        foreach (var query in queries)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/api/v1/query_exemplars?query={Uri.EscapeDataString(query)}&start={end - 25}&end={end}");
            var expected = Text(await PrometheusApi.GetDataAsync(prometheus, path));
            output.WriteLine($"{query}: {expected.Length} characters of exemplars");
            Assert.True((query == "queue_length") == (expected == "[]"), $"Prometheus answers {query} with {expected}");
            foreach (var tenant in tenants)
            {
                Assert.Equal(expected, Text(await PrometheusApi.GetDataAsync(tenant, path)));
            }
        }
    }

    private static string Text(JsonElement data) => data.GetRawText();

    private static HttpClient Client(NodeProcess node, string tenant)
    {
        var client = new HttpClient { BaseAddress = new Uri(node.Url), Timeout = TimeSpan.FromMinutes(2) };
        client.DefaultRequestHeaders.Add("X-Scope-OrgID", tenant);
        return client;
    }

    private static string Configuration(NodeProcess node, int ownPort, int targetPort) => $$"""
        global: {scrape_interval: 1s, scrape_timeout: 1s, scrape_protocols: [PrometheusProto]}
        remote_write:
        - url: {{node.Url}}/api/v1/push
          name: v1
          headers: {X-Scope-OrgID: v1}
          write_relabel_configs: [{source_labels: [__name__], regex: latency_seconds, action: drop}]
          send_exemplars: true
          send_native_histograms: true
          queue_config: {batch_send_deadline: 1s}
        - url: {{node.Url}}/api/v1/push
          name: v2
          headers: {X-Scope-OrgID: v2}
          protobuf_message: io.prometheus.write.v2.Request
          send_exemplars: true
          send_native_histograms: true
          queue_config: {batch_send_deadline: 1s}
        scrape_configs:
        - job_name: prometheus
          static_configs: [{targets: ["127.0.0.1:{{ownPort}}"]}]
        - job_name: kinds
          static_configs: [{targets: ["127.0.0.1:{{targetPort}}"]}]
        - job_name: custom
          convert_classic_histograms_to_nhcb: true
          static_configs: [{targets: ["127.0.0.1:{{targetPort}}"]}]
        """;
}
