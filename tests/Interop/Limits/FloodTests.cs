using System.Diagnostics;
using System.Globalization;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Limits;

/// <summary>Ten tenants on one node, one of them floods it.</summary>
public sealed class FloodTests(ITestOutputHelper output)
{
    private const int Rate = 500;
    private const int Burst = 2000;
    private const int Flood = 20;
    private const int Rounds = 20;
    private const int SeriesOfQuiet = Burst / Rounds;
    private const int Senders = 3;

    [Fact]
    [Trait("Category", "slow")]
    public async Task OthersLoseNothing_WhenOneTenantSendsTwentyTimesItsLimit()
    {
        using var directory = new TemporaryDirectory();
        using var node = await NodeProcess.StartAsync(
            directory.Path, $"telemetry:\n  self_scrape: false\nlimits:\n  defaults:\n    ingestion_rate: {Rate}\n    ingestion_burst: {Burst}\n");
        var quiet = Enumerable.Range(0, 9).Select(i => new TenantSender(node, $"quiet-{i}")).ToList();
        var flood = new TenantSender(node, "flood");
        var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 600_000;
        var clock = Stopwatch.StartNew();
        var calm = Task.WhenAll(quiet.Select(tenant => SendQuietlyAsync(tenant, start)));
        long requests = 0, taken = 0, refused = 0;
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(async () =>
        {
            // As long as the others send, and until it has been a flood.
            while (!calm.IsCompleted || Interlocked.Read(ref requests) < Flood)
            {
                var (status, text, wait) = await flood.SendAsync(Burst, start + Interlocked.Increment(ref requests));
                if (status == 204)
                {
                    Interlocked.Add(ref taken, Burst);
                    continue;
                }

                Assert.Equal(429, status);
                Assert.InRange(int.Parse(wait!, CultureInfo.InvariantCulture), 1, 60);
                Assert.Equal("tenant \"flood\": 2,000 samples more, after a burst of 2,000, exceed the limit of 500 samples/s (ingestion_rate); raise it in limits.overrides.flood.ingestion_rate\n", text);
                Interlocked.Add(ref refused, Burst);
            }
        })));
        await calm;
        var elapsed = clock.Elapsed.TotalSeconds;
        output.WriteLine($"{elapsed:F1} s: {taken} samples of the flood taken, {refused} refused");
        Assert.True(taken + refused >= Flood * Rate * elapsed, $"the flood was {(taken + refused) / elapsed:F0} samples/s only");
        Assert.True(taken <= Burst + (Rate * elapsed), $"{taken} samples were taken in {elapsed:F1} s");
        Assert.Equal(taken, await flood.StoredAsync());
        foreach (var tenant in quiet)
        {
            Assert.Equal(Rounds * SeriesOfQuiet, await tenant.StoredAsync());
        }

        var discarded = (await node.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken)).Split('\n')
            .Where(static line => line.StartsWith("deucalion_discarded_samples_total{", StringComparison.Ordinal));
        Assert.Equal($"deucalion_discarded_samples_total{{reason=\"rate_limited\",tenant=\"flood\"}} {refused}", Assert.Single(discarded));
        var tenants = (await node.GetDataAsync("/api/v1/admin/tenants")).EnumerateArray().ToDictionary(static x => x.GetProperty("tenant").GetString()!);
        Assert.Equal(10, tenants.Count);
        Assert.Equal(Burst, tenants["flood"].GetProperty("active_series").GetInt64());
        Assert.Equal(SeriesOfQuiet, tenants["quiet-3"].GetProperty("active_series").GetInt64());
    }

    private static async Task SendQuietlyAsync(TenantSender tenant, long start)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(300));
        for (var round = 0; round < Rounds; round++)
        {
            Assert.Equal((204, "", null), await tenant.SendAsync(SeriesOfQuiet, start + (round * 15_000)));
            await timer.WaitForNextTickAsync();
        }
    }
}
