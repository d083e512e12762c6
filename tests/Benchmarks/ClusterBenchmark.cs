using System.Diagnostics;
using System.Globalization;
using Deucalion.Benchmarks.Load;
using Deucalion.Benchmarks.Servers;

namespace Deucalion.Benchmarks;

/// <summary>What replicas cost: CPU and bytes for each sample with one, two and three of them, how fast one that was away catches up, and what a cluster at rest asks of its store.</summary>
internal static class ClusterBenchmark
{
    private static readonly TimeSpan Settles = TimeSpan.FromSeconds(3);

    // Retention and compaction look around every five minutes.
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(5);

    public static async Task<string> RunAsync(ServerFactory servers, int series, int steps, int rounds)
    {
        var costs = new List<(double Cpu, double Bytes)>[3];
        var (rate, requests) = (0.0, string.Empty);
        for (var round = 0; round < rounds; round++)
        {
            for (var replicas = 1; replicas <= 3; replicas++)
            {
                await using var cluster = await NodeCluster.StartAsync(servers, replicas);
                (costs[replicas - 1] ??= []).Add(await WriteAsync(cluster, series, steps));
                if (replicas == 3 && round == rounds - 1)
                {
                    requests = await RestAsync(cluster);
                    rate = await CatchUpAsync(cluster, series, steps);
                }
            }
        }

        var cpu = costs.Select(static c => Median(c.Select(static x => x.Cpu))).ToArray();
        var bytes = costs.Select(static c => Median(c.Select(static x => x.Bytes))).ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"CPU-seconds per million samples {cpu[0]:F2}, {cpu[1]:F2}, {cpu[2]:F2}; catch-up {rate:N0} samples/s; {requests}"));
        return $"""
            ## Replicas

            Three nodes of one machine over a directory as bucket, through which they also agree; {series:N0} series, {steps} samples each, all sent to one node, {(rounds == 1 ? "one round" : $"median of {rounds} rounds")}. CPU is that of all three nodes
            together, so the first row is front, forwarding and primary, and what each further replica adds is the backup and the primary's sending to it. Goal: a backup at most half of a primary.

            | replicas | CPU-seconds per million samples | added by the last replica | share of the first | bytes between replicas per sample and backup |
            |---|---|---|---|---|
            | 1 | {cpu[0]:F2} | – | – | – |
            | 2 | {cpu[1]:F2} | {cpu[1] - cpu[0]:F2} | {(cpu[1] - cpu[0]) / cpu[0]:P0} | {bytes[1]:F1} |
            | 3 | {cpu[2]:F2} | {cpu[2] - cpu[1]:F2} | {(cpu[2] - cpu[1]) / cpu[0]:P0} | {bytes[2] / 2:F1} |

            A node that missed {series * (long)steps:N0} samples had them {series * (long)steps / rate:F1} s after its start: {rate:N0} samples/s, its start included.
            At rest, requests to the store for each node and hour: {requests}.
            """;
    }

    /// <summary>CPU-seconds of all nodes for a million samples, and bytes between them for each.</summary>
    private static async Task<(double Cpu, double Bytes)> WriteAsync(NodeCluster cluster, int series, int steps)
    {
        var start = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - (steps * 15L) - 1800;

        // Series are defined, partitions made and machine code compiled before it counts.
        _ = await Loader.RunAsync(cluster.Nodes[0].WriteUrl, series, 10, start);
        await cluster.RedundantAsync();
        await Task.Delay(Settles);
        var (cpu, bytes) = (cluster.CpuSeconds, await SentAsync(cluster));
        var samples = await Loader.RunAsync(cluster.Nodes[0].WriteUrl, series, steps, start + 150);
        await Task.Delay(Settles);
        return ((cluster.CpuSeconds - cpu) / samples * 1e6, (await SentAsync(cluster) - bytes) / samples);
    }

    private static Task<double> SentAsync(NodeCluster cluster) => cluster.SumAsync("deucalion_replication_bytes_total", "sent");

    /// <summary>Requests to the store for each node and hour while nothing is asked or written.</summary>
    private static async Task<string> RestAsync(NodeCluster cluster)
    {
        await Task.Delay(Settles);
        var before = await RequestsAsync(cluster);
        var clock = Stopwatch.StartNew();
        await Task.Delay(Rest);
        var after = await RequestsAsync(cluster);
        var nodeHours = NodeCluster.Count * clock.Elapsed.TotalHours;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(after.Coordination - before.Coordination) / nodeHours:N0} for coordination (budget: 720), {(after.Blocks - before.Blocks) / nodeHours:N0} to look after blocks");
    }

    private static async Task<(double Coordination, double Blocks)> RequestsAsync(NodeCluster cluster)
    {
        const string Metric = "deucalion_object_store_operations_total";
        return (await cluster.SumAsync(Metric, "purpose=\"coordination\""), await cluster.SumAsync(Metric, "purpose=\"blocks\""));
    }

    /// <summary>Samples a second with which a node that was away comes back.</summary>
    private static async Task<double> CatchUpAsync(NodeCluster cluster, int series, int steps)
    {
        await cluster.StopAsync(2);
        var samples = await Loader.RunAsync(cluster.Nodes[0].WriteUrl, series, steps, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - (steps * 15L));
        var clock = Stopwatch.StartNew();
        cluster.Start(2);
        await cluster.Nodes[2].ReadyAsync();
        await cluster.RedundantAsync();
        return samples / clock.Elapsed.TotalSeconds;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
