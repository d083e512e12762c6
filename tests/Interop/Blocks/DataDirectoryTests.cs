using System.Globalization;
using Deucalion.Common.Samples;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Blocks;

/// <summary>The data directory of a Prometheus that was killed: blocks, and a head in both logs and in mapped chunks, imported and read here.</summary>
public sealed class DataDirectoryTests(ITestOutputHelper output)
{
    private const long Minute = 60_000;
    private const long Step = 15_000;
    private const int Steps = 1200;
    private const string WritePath = "/api/v1/write";
    private const string Configuration = "global: {}\nstorage:\n  tsdb:\n    out_of_order_time_window: 30m\n";
    private static readonly string[] Flags = ["--web.enable-admin-api", "--enable-feature=native-histograms"];

    [Fact]
    [Trait("Category", "slow")]
    public async Task AnswersAsPrometheusDoesAfterItsRestart_WhenItWasKilled()
    {
        using var directory = new TemporaryDirectory();
        var home = directory.Child("prometheus");

        // Prometheus cuts a block when its head is three hours long: this one is 2 h 40 min long at the stop and 2 h 50 min at the kill.
        var end = ((DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / LocalBlocks.TwoHours) - 1) * LocalBlocks.TwoHours + (50 * Minute);
        var start = end - (Steps * Step);
        var series = SampleKinds.Create(start, Step, Steps, 29);
        var last = end - (10 * Minute);
        using (var prometheus = await PrometheusProcess.StartAsync(home, static _ => Configuration, Flags))
        {
            await FillAsync(prometheus.Http, series, start, last);
            await Eventually.TrueAsync(
                async () => await prometheus.OwnMetricAsync("prometheus_tsdb_head_max_time") - await prometheus.OwnMetricAsync("prometheus_tsdb_head_min_time") < 3 * 3_600_000,
                TimeSpan.FromSeconds(120),
                () => "Prometheus has cut blocks");
            await FillLateAsync(prometheus.Http, series[0], Steps - 41, last);

            // Prometheus maps full chunks once a minute, and writes what it has mapped when it stops.
            await Eventually.TrueAsync(
                async () => await prometheus.OwnMetricAsync("prometheus_tsdb_mmap_chunks_total") > series.Count, TimeSpan.FromSeconds(120), () => "Prometheus has mapped chunks");
            await prometheus.StopAsync();
        }

        using (var prometheus = await PrometheusProcess.StartAsync(home, static _ => Configuration, Flags))
        {
            await FillAsync(prometheus.Http, series, last, end);
            await FillLateAsync(prometheus.Http, series[1], Steps - 1, end);

            // Over blocks and head.
            using var deleted = await prometheus.Http.PostAsync(
                new Uri(string.Create(CultureInfo.InvariantCulture, $"/api/v1/admin/tsdb/delete_series?match[]=temperature{{instance=\"01\"}}&start={(start / 1000) + 600}&end={(end / 1000) - 600}"), UriKind.Relative), null);
            Assert.True(deleted.IsSuccessStatusCode, await deleted.Content.ReadAsStringAsync());
            await prometheus.KillAsync();
        }

        var copy = directory.Child("copy");
        Copies.Tree(Path.Combine(home, "data"), copy);
        File.Delete(Path.Combine(copy, "lock"));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(copy, "chunks_head")));
        var import = await CommandRun.DeucalionAsync("tsdb", "import", "--data.path", directory.Child("node"), copy);
        output.WriteLine(import.Output);
        Assert.Contains(": head of ", import.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(" 0 mapped chunks", import.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("and 0 out of order", import.Output, StringComparison.Ordinal);
        var again = await CommandRun.DeucalionAsync("tsdb", "import", "--data.path", directory.Child("node"), copy);
        Assert.DoesNotContain(": imported as", again.Output, StringComparison.Ordinal);

        // promtool reads the head as well.
        var theirs = (await CommandRun.PromtoolAsync("tsdb", "dump", copy)).SortedLines;
        Assert.True(theirs.Count > 10_000, $"{theirs.Count} samples");
        var ours = DumpLines.AsPromtool((await CommandRun.DeucalionAsync("tsdb", "dump", copy)).Output);
        Assert.Equal((string.Empty, string.Empty), (string.Join('\n', theirs.Except(ours)), string.Join('\n', ours.Except(theirs))));
        Assert.Equal(theirs.Count, ours.Count);
        Assert.Equal((await CommandRun.PromtoolAsync("tsdb", "list", copy)).Output, (await CommandRun.DeucalionAsync("tsdb", "list", copy)).Output);

        using var restarted = await PrometheusProcess.StartAsync(home, static _ => Configuration, Flags);
        using var node = await NodeProcess.StartAsync(directory.Child("node"), "telemetry:\n  self_scrape: false\n");
        var comparison = new QueryComparison(restarted.Http, node.Http);
        string[] queries =
        [
            "requests_total", "temperature", "flapping", "latency_seconds", "queue_seconds", "size_seconds", "fading_seconds", "late", "late_seconds",
            "count_over_time(requests_total[6h])", "sum_over_time(temperature[6h])", "count_over_time(late[6h])", "sum_over_time(late[6h])", "count_over_time(fading_seconds[6h])", "count by (__name__) ({__name__=~\".+_seconds\"})",
            "sum by (job) (rate(requests_total[10m]))", "histogram_quantile(0.9, sum by (kind) (rate(size_seconds[10m])))", "count({__name__!=\"\"})",
        ];
        foreach (var query in queries)
        {
            await comparison.CompareAsync(query, start / 1000, end / 1000, 120);
        }

        Assert.True(comparison.Differences.Count == 0, string.Join("\n\n", comparison.Differences));
        Assert.Equal(queries.Length, comparison.NotEmpty);
    }

    [Fact]
    [Trait("Category", "slow")]
    public async Task SaysWhatToDo_WhenTheLogIsCompressedWithZstd()
    {
        using var directory = new TemporaryDirectory();
        var home = directory.Child("prometheus");
        var end = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / Minute * Minute;
        using (var prometheus = await PrometheusProcess.StartAsync(home, static _ => Configuration, [.. Flags, "--storage.tsdb.wal-compression-type=zstd"]))
        {
            await SampleKinds.PushAsync(prometheus.Http, WritePath, SampleKinds.Create(end - (30 * Minute), Minute, 30, 3), long.MinValue, long.MaxValue);
            await prometheus.KillAsync();
        }

        var import = await CommandRun.RunAsync(NodeProcess.Program, "tsdb", "import", "--data.path", directory.Child("node"), Path.Combine(home, "data"));
        Assert.Equal(1, import.ExitCode);
        Assert.Contains("compressed with zstd", import.Errors, StringComparison.Ordinal);
        Assert.Contains("--storage.tsdb.wal-compression-type=snappy", import.Errors, StringComparison.Ordinal);
    }

    // Slice by slice, as a Prometheus takes samples.
    private static async Task FillAsync(HttpClient http, IReadOnlyList<SampleSeries> series, long start, long end)
    {
        for (var from = start; from < end; from += 10 * Minute)
        {
            await SampleKinds.PushAsync(http, WritePath, series, from, from + (10 * Minute));
        }
    }

    private static async Task FillLateAsync(HttpClient http, SampleSeries known, int newest, long end)
    {
        (string, string)[] floats = [("__name__", "late")], histograms = [("__name__", "late_seconds"), ("kind", "float")];
        var gauge = new FloatHistogram { CounterResetHint = CounterResetHint.Gauge, Schema = 0, Count = 3, Sum = 4, PositiveSpans = [new(0, 2)], PositiveBuckets = [1, 2] };
        foreach (var step in Enumerable.Range(0, 40).Select(static i => (i * 7) % 40))
        {
            var time = end - ((step + 1) * Step) + 1_000;
            await SampleKinds.PushAsync(
                http,
                WritePath,
                [
                    new SampleSeries(floats, [(time, step)], [], false),
                    new SampleSeries(histograms, [], [(time, gauge)], false),
                    new SampleSeries(known.Labels, [(time + 6_000, known.Floats[newest - step].Value)], [], false),
                ],
                long.MinValue,
                long.MaxValue);
        }
    }
}
