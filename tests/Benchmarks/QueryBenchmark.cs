using System.Diagnostics;
using Deucalion.Benchmarks.Load;
using Deucalion.Benchmarks.Reports;
using Deucalion.Benchmarks.Servers;

namespace Deucalion.Benchmarks;

/// <summary>Latency of range queries over 1 h at 15 s against both servers, which hold the same data, asked in turns.</summary>
internal static class QueryBenchmark
{
    public static async Task<string> RunAsync(ServerFactory servers, int series, int runs)
    {
        const int Steps = 241;
        var started = servers.All.Select(static start => start()).ToList();
        try
        {
            var begun = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 3600 * 3600) - (2 * 3600);
            foreach (var server in started)
            {
                await server.ReadyAsync();
                await Loader.RunAsync(server.WriteUrl, series, Steps, begun);
                Console.WriteLine($"{server.Name}: {series * (long)Steps:N0} samples loaded");
            }

            var end = begun + ((Steps - 1) * 15L);
            var pods = Enumerable.Range(0, 5).Select(static p => Fleet.PodName(p));
            var shapes = new (string Name, string Query)[]
            {
                ("sum(rate), 40 % of all series", "sum(rate(http_requests_total[5m]))"),
                ("sum by (job)(rate), 40 % of all series", "sum by (job) (rate(http_requests_total[5m]))"),
                ("one series", $"http_requests_total{{pod=\"{Fleet.PodName(0)}\",handler=\"/api/v1/cart\",method=\"GET\",code=\"200\"}}"),
                ("1,000 series", $"http_requests_total{{pod=~\"{string.Join('|', pods)}\"}}"),
            };
            var rows = new List<string>();
            foreach (var (name, query) in shapes)
            {
                var path = $"/api/v1/query_range?query={Uri.EscapeDataString(query)}&start={end - 3600}&end={end}&step=15";
                var times = started.ToDictionary(static s => s.Name, static _ => new List<double>());
                for (var run = 0; run <= runs; run++)
                {
                    foreach (var server in started)
                    {
                        var clock = Stopwatch.StartNew();
                        var body = await server.Http.GetByteArrayAsync(new Uri(path, UriKind.Relative));
                        // The first round warms both up.
                        if (run > 0)
                        {
                            times[server.Name].Add(clock.Elapsed.TotalMilliseconds);
                        }

                        if (body.Length < 200)
                        {
                            throw new InvalidOperationException($"{server.Name} answered {query} with next to nothing: {System.Text.Encoding.UTF8.GetString(body)}");
                        }
                    }
                }

                var ours = Figures.Median(times["Deucalion"]);
                var theirs = Figures.Median(times["Prometheus"]);
                Console.WriteLine($"{name}: {ours:F1} ms, Prometheus {theirs:F1} ms");
                rows.Add($"| {name} | {ours:F1} ms | {theirs:F1} ms | {ours / theirs:F2} |");
            }

            return $"""
                ## Queries

                {series:N0} series with 1 h of data at 15 s, range queries over that hour with a step of 15 s; median of {runs} alternated runs after one that warms up. Goal: no ratio above 1.

                | query | Deucalion | Prometheus | ratio |
                |---|---|---|---|
                {string.Join('\n', rows)}
                """;
        }
        finally
        {
            foreach (var server in started)
            {
                await server.DisposeAsync();
            }
        }
    }
}
