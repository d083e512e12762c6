using System.Globalization;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Interop.Kit;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Merge;
using Deucalion.Testing.Processes;
using Deucalion.Testing.RemoteWrite;
using Xunit;

namespace Deucalion.Interop.Blocks;

/// <summary>Merged blocks: promtool reads of them what it read of their sources, and a node goes on answering while it merges.</summary>
[Trait("Category", "slow")]
public sealed class CompactionTests
{
    [Fact]
    public async Task PromtoolDumpsTheSame_WhenBlocksOfAllKindsAreMerged()
    {
        using var directory = new TemporaryDirectory();
        const long start = 1_700_006_400_000;
        var sources = directory.Child("sources");
        var series = SampleKinds.Create(start, 20_000, 1500, seed: 3);
        var paths = LocalBlocks.Write(sources, series).Concat(LocalBlocks.Write(directory.Child("late"), [.. series.Select(Late)])).ToList();
        Assert.True(paths.Count > 6);
        var blocks = new List<BlockReader>();
        foreach (var path in paths)
        {
            blocks.Add(await BlockReader.OpenDirectoryAsync(path, TestContext.Current.CancellationToken));
        }

        var merged = directory.Child("merged");
        var disk = new LinuxDisk();
        disk.CreateDirectory(Path.Combine(merged, "wal"));
        using (var source = await BlockMergeSource.OpenAsync(blocks, TestContext.Current.CancellationToken))
        {
            var options = new BlockWriteOptions { Ulid = Ulid.Create(TimeProvider.System.GetUtcNow()), Level = 2 };
            Assert.NotNull(BlockWriter.Write(disk, merged, source, options, TestContext.Current.CancellationToken));
        }

        blocks.ForEach(static x => x.Dispose());
        disk.CreateDirectory(Path.Combine(sources, "wal"));
        Assert.Contains("Total Series:", (await CommandRun.PromtoolAsync("tsdb", "analyze", merged)).Output, StringComparison.Ordinal);
        Assert.Equal(await DumpAsync(sources), await DumpAsync(merged));
    }

    [Fact]
    public async Task AnswersTheSame_WhileItsBlocksBecomeOne()
    {
        using var directory = new TemporaryDirectory();
        var configuration = """
            telemetry:
              self_scrape: false
            query:
              timeout: 20s
            retention:
              interval: 1s
              delete_delay: 21s
            compaction:
              delay: 0s
              interval: 1s

            """;
        using var node = await NodeProcess.StartAsync(directory.Child("data"), configuration);
        var day = (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 86_400_000 * 86_400_000) - (2 * 86_400_000);
        string? answer = null;
        for (var part = 0; part < 8; part++)
        {
            // Series that are new at their time may be of any time.
            var request = new WriteRequestEncoder();
            for (var s = 0; s < 5; s++)
            {
                var from = day + (part * 3 * 3_600_000L);
                request.Series(
                    [("__name__", "merged"), ("part", part.ToString(CultureInfo.InvariantCulture)), ("series", s.ToString(CultureInfo.InvariantCulture))],
                    [.. Enumerable.Range(0, 180).Select(i => (from + (i * 60_000L), (double)(s * i)))]);
            }

            await Pushing.PushAsync(node.Http, request);
            await node.FlushAsync();
        }

        answer = await AskAsync();
        var tenant = Path.Combine(directory.Child("data"), "bucket", "anonymous");
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.Equal(answer, await AskAsync());
                return Directory.GetDirectories(tenant).Count(static x => File.Exists(Path.Combine(x, "meta.json"))) == Directory.GetFiles(Path.Combine(tenant, "manifests")).Length;
            },
            TimeSpan.FromSeconds(180),
            () => $"each partition has one block left; the node's output:\n{node.Process.Output}");
        Assert.Equal(answer, await AskAsync());
        Assert.Equal(0, await node.Process.TerminateAsync());

        async Task<string> AskAsync() => (await node.GetDataAsync($"/api/v1/query_range?query=sum%20by%20(part,series)%20(merged)&start={day / 1000}&end={(day / 1000) + 86400}&step=300")).GetRawText();
    }

    // A second copy of every third sample, as a late generation or another replica would bring it.
    private static SampleSeries Late(SampleSeries series) => series with
    {
        Floats = [.. series.Floats.Where(static (_, i) => i % 3 == 0)],
        Histograms = [.. series.Histograms.Where(static (_, i) => i % 3 == 0)],
    };

    private static async Task<IReadOnlyList<string>> DumpAsync(string database) =>
        [.. (await CommandRun.PromtoolAsync("tsdb", "dump", database)).Output.Split('\n').Order(StringComparer.Ordinal)];
}
