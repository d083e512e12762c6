using System.Diagnostics;
using System.Net;
using Deucalion.Benchmarks.Load;
using Deucalion.Benchmarks.Servers;

namespace Deucalion.Benchmarks;

/// <summary>Latency of pushes and small queries of nine tenants, alone and while a tenth sends twenty times its limit.</summary>
internal static class FloodBenchmark
{
    private const int Tenants = 9;
    private const int SeriesOfTenant = 200;
    private const int SeriesOfFlood = 2000;
    private const int Rate = 10_000;
    private const int Flood = 20;
    private const int Rounds = 10;

    // Fewer than a hundred rounds a second: some thousand samples a second of each tenant, well below its limit.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    public static async Task<string> RunAsync(ServerFactory servers, int runs)
    {
        await using var server = servers.Node(servers.Fresh(), $"limits:\n  defaults:\n    ingestion_rate: {Rate}\n    ingestion_burst: {Rate}\n");
        await server.ReadyAsync();
        var quiet = new QuietTenants(server, Tenants, SeriesOfTenant);
        _ = await quiet.MeasureAsync(runs, Pause);

        // By turns: what a shared machine does to one shows in the other as well.
        var (calm, flooded) = (new Latencies(), new Latencies());
        long offered = 0, taken = 0;
        var seconds = 0.0;
        for (var round = 0; round < Rounds; round++)
        {
            await Task.Delay(Rest);
            calm.Add(await quiet.MeasureAsync(runs, Pause));
            await Task.Delay(Rest);
            using var stop = new CancellationTokenSource();
            var clock = Stopwatch.StartNew();
            var flood = FloodAsync(server, stop.Token);
            flooded.Add(await quiet.MeasureAsync(runs, Pause));
            await stop.CancelAsync();
            var (sent, stored) = await flood;
            (offered, taken, seconds) = (offered + sent, taken + stored, seconds + clock.Elapsed.TotalSeconds);
        }

        Console.WriteLine($"pushes p99 {calm.Pushes(0.99):F1} ms and {flooded.Pushes(0.99):F1} ms, queries {calm.Queries(0.99):F1} ms and {flooded.Queries(0.99):F1} ms; flood {offered / seconds:F0} samples/s");
        return $"""
            ## One tenant floods

            Nine tenants push {SeriesOfTenant} samples each and ask for one series, one after the other; by turns alone and while a tenth, which may send {Rate:N0} samples a second, sends {offered / seconds:N0}
            (20 times as much was tried), {taken / seconds:N0} of which were taken, bursts included. {calm.Count:N0} pushes and queries of each kind; refused or failed ones of the nine: {quiet.Failures}. Goal: ratio of at most 2 for p99.

            | | alone | flooded | ratio |
            |---|---|---|---|
            | push, p50 | {calm.Pushes(0.5):F2} ms | {flooded.Pushes(0.5):F2} ms | {flooded.Pushes(0.5) / calm.Pushes(0.5):F2} |
            | push, p99 | {calm.Pushes(0.99):F2} ms | {flooded.Pushes(0.99):F2} ms | {flooded.Pushes(0.99) / calm.Pushes(0.99):F2} |
            | query, p50 | {calm.Queries(0.5):F2} ms | {flooded.Queries(0.5):F2} ms | {flooded.Queries(0.5) / calm.Queries(0.5):F2} |
            | query, p99 | {calm.Queries(0.99):F2} ms | {flooded.Queries(0.99):F2} ms | {flooded.Queries(0.99) / calm.Queries(0.99):F2} |
            """;
    }

    /// <summary>Sends requests at the pace of the flood until told to stop; samples sent, and samples taken.</summary>
    private static async Task<(long Sent, long Taken)> FloodAsync(Server server, CancellationToken stop)
    {
        var fleet = new Fleet(SeriesOfFlood);
        var body = new RequestTemplate(fleet, 0, SeriesOfFlood).Encode(fleet, 0, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        var pace = TimeSpan.FromSeconds((double)SeriesOfFlood / (Rate * Flood));
        long sent = 0, taken = 0;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                // Each sender takes the next request that is due; late ones are made up for.
                var due = Interlocked.Add(ref sent, SeriesOfFlood) / SeriesOfFlood * pace;
                if (due > clock.Elapsed)
                {
                    await Task.Delay(due - clock.Elapsed, CancellationToken.None);
                }

                if (await QuietTenants.PushAsync(server, "flood", body) is HttpStatusCode.NoContent)
                {
                    Interlocked.Add(ref taken, SeriesOfFlood);
                }
            }
        }));
        return (sent, taken);
    }
}
