using System.Diagnostics;
using Deucalion.Benchmarks.Load;
using Deucalion.Benchmarks.Servers;

namespace Deucalion.Benchmarks;

/// <summary>Latency of small instant queries on an idle node and beside a query over all series that runs again and again.</summary>
internal static class InterferenceBenchmark
{
    private const int Steps = 21;
    private const int Rounds = 10;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    public static async Task<string> RunAsync(ServerFactory servers, int series, int runs, int abandonments)
    {
        await using var server = servers.All[0]();
        await server.ReadyAsync();
        var begun = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 3600 * 3600) - 3600;
        await Loader.RunAsync(server.WriteUrl, series, Steps, begun);
        var end = begun + ((Steps - 1) * 15L);
        var small = new Uri(
            $"/api/v1/query?time={end}&query={Uri.EscapeDataString($"http_requests_total{{pod=\"{Fleet.PodName(0)}\",handler=\"/api/v1/cart\"}}")}", UriKind.Relative);
        var large = new Uri(
            $"/api/v1/query_range?start={begun}&end={end}&step=15&query={Uri.EscapeDataString("sum by (__name__) ({__name__=~\".+\"})")}", UriKind.Relative);
        _ = await MeasureAsync(server, small, 20);
        _ = await server.Http.GetByteArrayAsync(large);
        _ = await MeasureAsync(server, small, runs);

        // By turns: what a shared machine does to one shows in the other as well. Over whole large queries, whose parts weigh differently on what runs beside them.
        var (idle, beside) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            await Task.Delay(Rest);
            idle.AddRange(await MeasureAsync(server, small, runs));
            await Task.Delay(Rest);
            var load = server.Http.GetByteArrayAsync(large);
            while (!load.IsCompleted)
            {
                beside.AddRange(await MeasureAsync(server, small, 20));
            }

            _ = await load;
        }

        var (idleP99, besideP99) = (P99(idle), P99(beside));
        var abandoned = await Abandonment.RunAsync(server, begun, end, series, abandonments);
        Console.WriteLine($"p99 idle {idleP99:F1} ms, beside {besideP99:F1} ms, {Rounds} large queries");
        return $"""
            ## Small queries beside a large one

            Instant queries of a few series one after the other, by turns: {idle.Count:N0} alone, and {beside.Count:N0} while a range query over all {series:N0} series runs, {Rounds} times. Goal: ratio of at most 3 for p99.

            | | idle | beside | ratio |
            |---|---|---|---|
            | p95 | {Quantile(idle, 0.95):F2} ms | {Quantile(beside, 0.95):F2} ms | {Quantile(beside, 0.95) / Quantile(idle, 0.95):F2} |
            | p99 | {idleP99:F2} ms | {besideP99:F2} ms | {besideP99 / idleP99:F2} |

            {abandoned}
            """;
    }

    private static async Task<List<double>> MeasureAsync(Server server, Uri query, int runs)
    {
        var times = new List<double>(runs);
        for (var i = 0; i < runs; i++)
        {
            var clock = Stopwatch.StartNew();
            _ = await server.Http.GetByteArrayAsync(query);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        return times;
    }

    private static double P99(List<double> times)
    {
        times.Sort();
        return Quantile(times, 0.99);
    }

    private static double Quantile(List<double> sorted, double q) => sorted[(int)Math.Ceiling(sorted.Count * q) - 1];
}
