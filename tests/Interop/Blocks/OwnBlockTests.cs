using System.Globalization;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Blocks;

/// <summary>Blocks written here, of every kind of sample, in the hands of Prometheus's own programs.</summary>
public sealed class OwnBlockTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Category", "slow")]
    public async Task PromtoolReadsWhatWeRead_WhenBlocksHoldEveryKindOfSample()
    {
        using var directory = new TemporaryDirectory();
        var series = SampleKinds.Create(1_700_006_400_000, 45_000, 400, 3);
        var blocks = LocalBlocks.Write(directory.Path, series);
        Assert.Equal(3, blocks.Count);
        Directory.CreateDirectory(directory.Child("wal"));

        Assert.Equal((await CommandRun.PromtoolAsync("tsdb", "list", directory.Path)).Output, (await CommandRun.DeucalionAsync("tsdb", "list", directory.Path)).Output);
        Assert.Equal((await CommandRun.PromtoolAsync("tsdb", "list", "-r", directory.Path)).Output, (await CommandRun.DeucalionAsync("tsdb", "list", "-r", directory.Path)).Output);
        foreach (var block in blocks)
        {
            string[] arguments = ["tsdb", "analyze", "--extended", "--limit=1000", directory.Path, Path.GetFileName(block)];
            Assert.Equal((await CommandRun.PromtoolAsync(arguments)).SortedLines, (await CommandRun.DeucalionAsync(arguments)).SortedLines);
        }

        var dump = (await CommandRun.DeucalionAsync("tsdb", "dump", directory.Path)).Output;
        Assert.Equal(series.Sum(static s => s.Floats.Count + s.Histograms.Count), dump.Count(static c => c == '\n'));
        Assert.Equal((await CommandRun.PromtoolAsync("tsdb", "dump", directory.Path)).SortedLines, DumpLines.AsPromtool(dump));

        string[] part = ["tsdb", "dump", "--match={job=\"even\"}", "--match=temperature", "--min-time=1700010000000", "--max-time=1700016000000", directory.Path];
        var lines = (await CommandRun.DeucalionAsync(part)).SortedLines;
        Assert.NotEmpty(lines);
        Assert.Equal((await CommandRun.PromtoolAsync(part)).SortedLines, lines);
    }

    [Fact]
    [Trait("Category", "slow")]
    public async Task AnswersAsPrometheusDoes_WhenBothHaveOurBlocks()
    {
        using var directory = new TemporaryDirectory();
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var start = (now / LocalBlocks.TwoHours * LocalBlocks.TwoHours) - (3 * LocalBlocks.TwoHours);
        var database = directory.Child("prometheus/data");
        LocalBlocks.Write(database, SampleKinds.Create(start, 60_000, 360, 11));
        await CommandRun.DeucalionAsync("tsdb", "import", "--data.path", directory.Child("node"), database);

        using var prometheus = await PrometheusProcess.StartAsync(directory.Child("prometheus"), static _ => "global: {}\n");
        using var node = await NodeProcess.StartAsync(directory.Child("node"), "telemetry:\n  self_scrape: false\n");
        await CompareAsync(prometheus, node, (start / 1000) + (6 * 3600) - 90);
    }

    // From remote write through the heads: what a node cuts from them. Chunks with start timestamps are left out: no release of Prometheus so far reads them.
    [Fact]
    [Trait("Category", "slow")]
    public async Task PrometheusReadsWhatTheNodeHasCut_WhenEveryKindOfSampleWasPushed()
    {
        using var directory = new TemporaryDirectory();
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var start = (now / LocalBlocks.TwoHours * LocalBlocks.TwoHours) - (3 * LocalBlocks.TwoHours);
        var series = SampleKinds.Create(start, 60_000, 360, 13);
        using var node = await NodeProcess.StartAsync(directory.Child("node"), "telemetry:\n  self_scrape: false\n");
        for (var part = 0; part < 6; part++)
        {
            await SampleKinds.PushAsync(node.Http, "/api/v1/push", series, start + (part * 3_600_000L), start + ((part + 1) * 3_600_000L));
        }

        await node.FlushAsync();
        var database = directory.Child("prometheus/data");
        Directory.CreateDirectory(Path.Combine(database, "wal"));
        var blocks = Directory.GetDirectories(Path.Combine(directory.Child("node"), "bucket", "anonymous")).Where(static d => File.Exists(Path.Combine(d, "meta.json"))).ToList();
        Assert.True(blocks.Count >= 3, $"{blocks.Count} blocks");
        foreach (var block in blocks)
        {
            Copies.Tree(block, Path.Combine(database, Path.GetFileName(block)));
            string[] arguments = ["tsdb", "analyze", "--extended", "--limit=1000", database, Path.GetFileName(block)];
            Assert.Equal((await CommandRun.PromtoolAsync(arguments)).SortedLines, (await CommandRun.DeucalionAsync(arguments)).SortedLines);
        }

        Assert.Equal((await CommandRun.PromtoolAsync("tsdb", "list", database)).SortedLines, (await CommandRun.DeucalionAsync("tsdb", "list", database)).SortedLines);
        await CommandRun.DeucalionAsync("tsdb", "verify", database);
        var dump = (await CommandRun.DeucalionAsync("tsdb", "dump", database)).Output;
        Assert.Equal(series.Sum(static s => s.Floats.Count + s.Histograms.Count), dump.Count(static c => c == '\n'));
        Assert.Equal((await CommandRun.PromtoolAsync("tsdb", "dump", database)).SortedLines, DumpLines.AsPromtool(dump));

        using var prometheus = await PrometheusProcess.StartAsync(directory.Child("prometheus"), static _ => "global: {}\n");
        await CompareAsync(prometheus, node, (start / 1000) + (6 * 3600) - 90);
    }

    [Fact]
    [Trait("Category", "slow")]
    public async Task LeavesTheDataAlone_WhenTheNodeRuns()
    {
        using var directory = new TemporaryDirectory();
        LocalBlocks.Write(directory.Child("blocks"), SampleKinds.Create(1_700_006_400_000, 45_000, 10, 3));
        using var node = await NodeProcess.StartAsync(directory.Child("node"));
        var run = await CommandRun.RunAsync(NodeProcess.Program, "tsdb", "import", "--data.path", directory.Child("node"), directory.Child("blocks"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("in use by another process", run.Errors, StringComparison.Ordinal);
    }

    private async Task CompareAsync(PrometheusProcess prometheus, NodeProcess node, long end)
    {
        var comparison = new QueryComparison(prometheus.Http, node.Http);
        var queries = (await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "Blocks", "queries.txt"))).Where(static l => l.Length > 0).ToList();
        Assert.True(queries.Count >= 50, $"{queries.Count} queries");
        foreach (var query in queries)
        {
            await comparison.CompareAsync(query, end - 14_400, end, 300);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{queries.Count} queries, {comparison.NotEmpty} not empty, {comparison.Differences.Count} differences; empty: {string.Join("; ", comparison.Empty)}"));
        Assert.True(comparison.Differences.Count == 0, $"{comparison.Differences.Count} differences\n{string.Join("\n\n", comparison.Differences)}");
        Assert.True(comparison.NotEmpty >= 45, $"only {comparison.NotEmpty} queries were not empty: {string.Join("; ", comparison.Empty)}");
    }
}
