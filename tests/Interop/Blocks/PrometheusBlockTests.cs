using System.Globalization;
using System.Text;
using System.Text.Json;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Deucalion.Testing.RemoteWrite;
using Xunit;

namespace Deucalion.Interop.Blocks;

/// <summary>Blocks that a real Prometheus and promtool have written, read here.</summary>
public sealed class PrometheusBlockTests
{
    [Fact]
    [Trait("Category", "slow")]
    public async Task DumpsWhatPromtoolDumps_WhenPromtoolMadeTheBlocks()
    {
        using var directory = new TemporaryDirectory();
        var text = directory.Child("metrics.txt");
        await File.WriteAllTextAsync(text, OpenMetrics(new Random(5)));
        var theirs = directory.Child("theirs");
        await CommandRun.PromtoolAsync("tsdb", "create-blocks-from", "openmetrics", text, theirs);
        Directory.CreateDirectory(Path.Combine(theirs, "wal"));
        var expected = (await CommandRun.PromtoolAsync("tsdb", "dump", theirs)).SortedLines;
        Assert.True(expected.Count > 5000, $"{expected.Count} samples");
        Assert.Equal(expected, (await CommandRun.DeucalionAsync("tsdb", "dump", theirs)).SortedLines);
        await CommandRun.DeucalionAsync("tsdb", "verify", theirs);

        // The same text through our own verb.
        var ours = directory.Child("ours");
        await CommandRun.DeucalionAsync("tsdb", "create-blocks-from", "openmetrics", text, ours);
        Directory.CreateDirectory(Path.Combine(ours, "wal"));
        Assert.Equal(expected, (await CommandRun.PromtoolAsync("tsdb", "dump", ours)).SortedLines);
        Assert.Equal(Directory.GetDirectories(theirs).Length, Directory.GetDirectories(ours).Length);
    }

    [Fact]
    [Trait("Category", "slow")]
    public async Task ReadsTheSnapshotOfAPrometheus_WhenItReceivedEveryKindOfSample()
    {
        using var directory = new TemporaryDirectory();
        using var prometheus = await PrometheusProcess.StartAsync(
            directory.Child("prometheus"), static _ => "global: {}\n", "--web.enable-admin-api", "--enable-feature=native-histograms");
        var end = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 15_000 * 15_000;
        var start = end - (180 * 15_000);
        foreach (var series in SampleKinds.Create(start, 15_000, 180, 17))
        {
            await PushAsync(prometheus.Http, series);
        }

        var snapshot = await SnapshotAsync(prometheus, directory.Child("prometheus/data"));
        Directory.CreateDirectory(Path.Combine(snapshot, "wal"));
        var expected = (await CommandRun.PromtoolAsync("tsdb", "dump", snapshot)).SortedLines;
        Assert.True(expected.Count > 5000, $"{expected.Count} samples");
        Assert.Equal(expected, DumpLines.AsPromtool((await CommandRun.DeucalionAsync("tsdb", "dump", snapshot)).Output));
        Assert.Equal((await CommandRun.PromtoolAsync("tsdb", "list", snapshot)).Output, (await CommandRun.DeucalionAsync("tsdb", "list", snapshot)).Output);
        await CommandRun.DeucalionAsync("tsdb", "verify", snapshot);

        // Twice: the second time all blocks are known.
        await CommandRun.DeucalionAsync("tsdb", "import", "--data.path", directory.Child("node"), "--tenant", "anonymous", snapshot);
        var again = await CommandRun.DeucalionAsync("tsdb", "import", "--data.path", directory.Child("node"), snapshot);
        Assert.DoesNotContain(": imported as", again.Output, StringComparison.Ordinal);
        using var node = await NodeProcess.StartAsync(directory.Child("node"), "telemetry:\n  self_scrape: false\n");
        var comparison = new QueryComparison(prometheus.Http, node.Http);

        // Rates of histograms only as quantiles: releases of Prometheus differ in how far they extrapolate after a reset.
        foreach (var query in new[] { "latency_seconds", "queue_seconds", "size_seconds", "requests_total", "flapping", "histogram_quantile(0.5, rate(latency_seconds[5m]))", "histogram_quantile(0.9, sum by (kind) (rate(size_seconds[5m])))", "sum by (job) (rate(requests_total[5m]))" })
        {
            await comparison.CompareAsync(query, (start / 1000) + 300, (end / 1000) - 30, 30);
        }

        Assert.True(comparison.Differences.Count == 0, string.Join("\n\n", comparison.Differences));
        Assert.Equal(8, comparison.NotEmpty);
    }

    private static async Task PushAsync(HttpClient http, SampleSeries series)
    {
        var histograms = new List<byte>();
        foreach (var (time, value) in series.Histograms)
        {
            HistogramMessage.Append(histograms, time, value, series.IntegerCounts);
        }

        await Pushing.PushAsync(http, new WriteRequestEncoder().Series(series.Labels, series.Floats, unknown: [.. histograms]), "/api/v1/write");
    }

    private static async Task<string> SnapshotAsync(PrometheusProcess prometheus, string data)
    {
        using var response = await prometheus.Http.PostAsync(new Uri("/api/v1/admin/tsdb/snapshot", UriKind.Relative), null);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        using var json = JsonDocument.Parse(body);
        return Path.Combine(data, "snapshots", json.RootElement.GetProperty("data").GetProperty("name").GetString()!);
    }

    private static string OpenMetrics(Random random)
    {
        var text = new StringBuilder("# HELP requests All of them.\n# TYPE requests counter\n");
        for (var series = 0; series < 10; series++)
        {
            for (var i = 0; i < 600; i++)
            {
                text.Append(CultureInfo.InvariantCulture, $"requests_total{{path=\"/a\\\\b\\n\\\"{series}\"}} {random.NextDouble() * 1000:R} {1_700_000_000 + (i * 30)}.5\n");
            }
        }

        text.Append("# TYPE odd gauge\nodd{v=\"nan\"} NaN 1700000000\nodd{v=\"inf\"} +Inf 1700000000\nodd{v=\"less\"} -Inf 1700000000\nodd{v=\"tiny\"} 5e-324 1700000000\n");
        return text.Append("# EOF\n").ToString();
    }
}
