using System.Globalization;
using System.Text.Json;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Prometheus;

/// <summary>A real Prometheus scrapes itself, node_exporter and the node every second and writes here: both must answer alike.</summary>
public sealed class RemoteWriteTests(ITestOutputHelper output)
{
    private const int ScrapeSeconds = 60;

    [Fact]
    [Trait("Category", "slow")]
    public async Task AnswersAsPrometheusDoes_WhenItWroteHereForAMinute()
    {
        using var directory = new TemporaryDirectory();
        using var node = await NodeProcess.StartAsync(directory.Child("node"), "telemetry:\n  self_scrape: false\n");
        var exporterPort = Ports.Free();
        using var exporter = new ChildProcess(PeerPrograms.NodeExporter, [$"--web.listen-address=127.0.0.1:{exporterPort}"]);
        using var prometheus = await PrometheusProcess.StartAsync(directory.Child("prometheus"), port => Configuration(node, port, exporterPort, scrape: true));

        var begun = DateTime.UtcNow;
        await Eventually.TrueAsync(
            async () => DateTime.UtcNow - begun > TimeSpan.FromSeconds(ScrapeSeconds) && await prometheus.OwnMetricAsync("prometheus_remote_storage_samples_total") > 10_000,
            TimeSpan.FromMinutes(3),
            () => $"Prometheus scraped for a minute; the node's output:\n{node.Process.Output}");
        var end = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await prometheus.ReloadAsync(Configuration(node, prometheus.Port, exporterPort, scrape: false));
        await Eventually.TrueAsync(
            async () => await prometheus.OwnMetricAsync("prometheus_remote_storage_samples_pending") == 0
                && await prometheus.OwnMetricAsync("prometheus_remote_storage_queue_highest_sent_timestamp_seconds") >= end - 1,
            TimeSpan.FromMinutes(1),
            () => $"the remote-write queue is drained; the node's output:\n{node.Process.Output}");
        Assert.Equal(0, await prometheus.OwnMetricAsync("prometheus_remote_storage_samples_failed_total"));

        await CompareAsync(prometheus, node, end - 5);

        // The same data from a block: everything is cut, shipped and read back.
        await node.FlushAsync();
        await CompareAsync(prometheus, node, end - 5);
    }

    private static string Configuration(NodeProcess node, int ownPort, int exporterPort, bool scrape)
    {
        var jobs = scrape
            ? $$"""
              scrape_configs:
              - job_name: prometheus
                static_configs: [{targets: ["127.0.0.1:{{ownPort}}"]}]
              - job_name: node
                static_configs: [{targets: ["127.0.0.1:{{exporterPort}}"]}]
              - job_name: deucalion
                static_configs: [{targets: ["127.0.0.1:{{node.Port}}"]}]
              """
            : string.Empty;
        return $$"""
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            remote_write:
            - url: {{node.Url}}/api/v1/push
              queue_config: {batch_send_deadline: 1s}
            {{jobs}}
            """;
    }

    private async Task CompareAsync(PrometheusProcess prometheus, NodeProcess node, long time)
    {
        var differences = new List<string>();
        var nonEmpty = 0;
        var queries = (await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "Prometheus", "queries.txt"))).Where(static l => l.Length > 0 && l[0] != '#').ToList();
        Assert.True(queries.Count >= 60, $"{queries.Count} queries");
        foreach (var line in queries)
        {
            var mayBeEmpty = line.StartsWith("empty:", StringComparison.Ordinal);
            var anyOrder = line.StartsWith("order:", StringComparison.Ordinal);
            var query = mayBeEmpty || anyOrder ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..] : line;
            var instant = await BothAsync(prometheus, node, PrometheusApi.InstantPath(query, time));
            var range = await BothAsync(prometheus, node, PrometheusApi.RangePath(query, time - 30, time, 5));
            Compare(differences, query, "instant", instant, keepOrder: false, anyOrder);
            if (query.StartsWith("sort", StringComparison.Ordinal))
            {
                // Series of one value may stand in any order, the values may not.
                Assert.Equal(PrometheusJson.Values(instant.Expected), PrometheusJson.Values(instant.Actual));
            }

            Compare(differences, query, "range", range, keepOrder: true, anyOrder);
            var empty = PrometheusJson.IsEmpty(instant.Expected) || PrometheusJson.IsEmpty(range.Expected);
            if (!empty)
            {
                nonEmpty++;
            }
            else if (!mayBeEmpty)
            {
                output.WriteLine($"empty: {query}");
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{queries.Count} queries, {nonEmpty} not empty, {differences.Count} differences"));
        Assert.True(differences.Count == 0, string.Join("\n\n", differences));
        Assert.True(nonEmpty >= 55, $"only {nonEmpty} queries were not empty");
    }

    private static async Task<(JsonElement Expected, JsonElement Actual)> BothAsync(PrometheusProcess prometheus, NodeProcess node, string path) =>
        (await PrometheusApi.GetDataAsync(prometheus.Http, path), await node.GetDataAsync(path));

    private static void Compare(List<string> differences, string query, string kind, (JsonElement Expected, JsonElement Actual) answers, bool keepOrder, bool anyOrder)
    {
        var expected = PrometheusJson.Canonical(answers.Expected, keepOrder);
        var actual = PrometheusJson.Canonical(answers.Actual, keepOrder);
        if (anyOrder ? !QueryComparison.Alike(expected, actual) : expected != actual)
        {
            differences.Add($"{kind} {query}\n  Prometheus: {Shortened(expected)}\n  here:       {Shortened(actual)}");
        }
    }

    private static string Shortened(string text) => text.Length > 1500 ? text[..1500] + "..." : text;
}
