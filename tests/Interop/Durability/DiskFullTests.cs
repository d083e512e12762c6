using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Durability;

/// <summary>A node whose data directory may grow no more: it says so, answers queries, loses nothing and goes on when there is room.</summary>
public sealed class DiskFullTests
{
    private const int Writers = 4;
    private const int SeriesPerWriter = 50;

    [Fact]
    [Trait("Category", "slow")]
    public async Task AnswersQueriesAndGoesOn_WhenTheDiskWasFull()
    {
        using var directory = new TemporaryDirectory();
        using var settings = new TemporaryDirectory();
        var file = Path.Combine(settings.Path, "deucalion.yml");

        // The reserve is 64 MiB: a little more than that may be written.
        await LimitAsync(file, "65MiB");
        var start = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 7200) * 1000;
        var writers = Enumerable.Range(0, Writers).Select(w => new AcknowledgedWriter("full", w, SeriesPerWriter, start)).ToList();
        using var stop = new CancellationTokenSource();
        var port = Ports.Free();
        var node = await NodeProcess.StartWithFileAsync(directory.Path, file, port);
        var running = writers.Select(w => Task.Run(() => w.RunAsync(() => $"http://127.0.0.1:{port}", stop.Token))).ToList();
        try
        {
            await FullAsync(node, writers);
            await VerifyAsync(node, writers);

            // Cut and flushed within the reserve, which makes room for nothing: the blocks lie on the same disk.
            // A partition whose record met the end of the disk goes on in a new term first.
            await Eventually.TrueAsync(() => TryFlushAsync(node), TimeSpan.FromSeconds(60), () => $"windows are cut within the reserve; {node.Process.Output}");
            await VerifyAsync(node, writers);

            // Killed while full: it starts on what there is.
            await node.Process.KillAsync();
            node.Dispose();
            node = await NodeProcess.StartWithFileAsync(directory.Path, file, port);
            await VerifyAsync(node, writers);
            await FullAsync(node, writers);

            await LimitAsync(file, "100MiB");
            using (await node.Http.PostAsync(new Uri("/-/reload", UriKind.Relative), null))
            {
            }

            var before = writers.Select(static w => w.Acknowledged).ToList();
            await Eventually.TrueAsync(
                () => Task.FromResult(writers.Select((w, i) => w.Acknowledged > before[i] + 5).All(static more => more)),
                TimeSpan.FromSeconds(10),
                () => "writes resume within 10 s of room");
            await stop.CancelAsync();
            await Task.WhenAll(running);
            Assert.All(writers, static w => Assert.Null(w.Refusal));
            await VerifyAsync(node, writers);
        }
        finally
        {
            await stop.CancelAsync();
            node.Dispose();
        }
    }

    private static Task LimitAsync(string file, string limit) => File.WriteAllTextAsync(file, $"data:\n  limit: {limit}\n");

    // Full: nobody gets anything acknowledged although all try, and the answer is 503.
    private static async Task FullAsync(NodeProcess node, List<AcknowledgedWriter> writers)
    {
        await Eventually.TrueAsync(() => Task.FromResult(writers.TrueForAll(static w => w.LastStatus == 503)), TimeSpan.FromSeconds(60), () => $"the disk gets full; {node.Process.Output}");
        var acknowledged = -1L;
        await Eventually.TrueAsync(
            async () =>
            {
                var before = acknowledged;
                acknowledged = writers.Sum(static w => w.Acknowledged);
                var refused = writers.Sum(static w => w.Failures);
                await Eventually.TrueAsync(() => Task.FromResult(writers.Sum(static w => w.Failures) > refused + 20), TimeSpan.FromSeconds(30), () => "writers go on trying");
                return before == acknowledged;
            },
            TimeSpan.FromSeconds(60),
            () => "nothing more is acknowledged on a full disk");
    }

    private static async Task<bool> TryFlushAsync(NodeProcess node)
    {
        using var response = await node.Http.PostAsync(new Uri("/ingester/flush", UriKind.Relative), null);
        return response.IsSuccessStatusCode;
    }

    private static async Task VerifyAsync(NodeProcess node, List<AcknowledgedWriter> writers)
    {
        foreach (var writer in writers)
        {
            var difference = await writer.VerifyAsync(node);
            Assert.True(difference is null, $"{difference}; the node's output:\n{node.Process.Output}");
        }
    }
}
