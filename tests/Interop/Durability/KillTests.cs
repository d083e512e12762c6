using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Durability;

public sealed class KillTests(ITestOutputHelper output)
{
    private const int Kills = 20;
    private const int Writers = 4;
    private const int SeriesPerWriter = 25;

    [Fact]
    [Trait("Category", "slow")]
    public async Task LosesNoAcknowledgedSample_WhenKilledTwentyTimesUnderLoad()
    {
        const int seed = 20251;
        var random = new Random(seed);
        using var directory = new TemporaryDirectory();
        var port = Ports.Free();
        // Well in the past, so that a fast writer's made-up clock does not run into the future.
        var start = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 7200) * 1000;
        var writers = Enumerable.Range(0, Writers).Select(w => new AcknowledgedWriter("durable", w, SeriesPerWriter, start)).ToList();
        using var stop = new CancellationTokenSource();
        var node = await StartAsync(directory, port);
        var running = writers.Select(w => Task.Run(() => w.RunAsync(() => $"http://127.0.0.1:{port}", stop.Token))).ToList();
        try
        {
            for (var kill = 0; kill < Kills; kill++)
            {
                var before = writers.Sum(static w => w.Acknowledged);
                var more = random.Next(1, 120);
                await Eventually.TrueAsync(
                    () => Task.FromResult(writers.Sum(static w => w.Acknowledged) >= before + more || writers.Any(static w => w.Refusal is not null)),
                    TimeSpan.FromSeconds(60),
                    () => $"{more} more requests are acknowledged before kill {kill}; the node's output:\n{node.Process.Output}");
                Assert.All(writers, static w => Assert.Null(w.Refusal));
                if (kill % 5 == 4)
                {
                    // Some of the kills meet a cut, an upload or a truncation half done.
                    _ = Task.Run(async () =>
                    {
                        try
                        {
                            await node.FlushAsync();
                        }
                        catch (Exception e) when (e is HttpRequestException or IOException or ObjectDisposedException or TaskCanceledException or InvalidOperationException)
                        {
                            // The node is being killed.
                        }
                    });
                }

                await node.Process.KillAsync();
                node.Dispose();
                node = await StartAsync(directory, port);
                foreach (var writer in writers)
                {
                    var difference = await writer.VerifyAsync(node);
                    Assert.True(difference is null, $"after kill {kill} (seed {seed}): {difference}; the node's output:\n{node.Process.Output}");
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(running);
            node.Dispose();
        }

        output.WriteLine($"{Kills} kills, {writers.Sum(static w => w.Acknowledged) * SeriesPerWriter} acknowledged samples, none lost");
    }

    private static Task<NodeProcess> StartAsync(TemporaryDirectory directory, int port) =>
        NodeProcess.StartAsync(directory.Child("data"), "telemetry:\n  self_scrape: false\n", port);
}
