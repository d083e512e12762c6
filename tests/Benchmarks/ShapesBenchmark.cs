using System.Diagnostics;
using Deucalion.Benchmarks.Load;
using Deucalion.Benchmarks.Reports;
using Deucalion.Benchmarks.Servers;
using Deucalion.Benchmarks.Shapes;

namespace Deucalion.Benchmarks;

/// <summary>Sixteen shapes of queries over the same data in this node, Prometheus and VictoriaMetrics, asked in turns.</summary>
internal static class ShapesBenchmark
{
    private const int Steps = 241;
    private const int WarmUps = 2;

    public static async Task<string> RunAsync(ServerFactory servers, int series, int runs)
    {
        var started = servers.WithVictoriaMetrics.Select(static start => start()).ToList();
        try
        {
            var begun = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 3600 * 3600) - (2 * 3600);
            await started[0].ReadyAsync();
            var native = await Loader.IsTakenAsync(started[0].WriteUrl, new NativeHistogramRequest().Next(begun));
            foreach (var server in started)
            {
                await server.ReadyAsync();
                await LoadAsync(server, series, begun, native && server is not VictoriaMetricsServer);
            }

            await started[^1].FlushAsync();
            await Task.Delay(TimeSpan.FromSeconds(5));
            var resting = started.ConvertAll(static s => s.Resident);
            var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
            var end = begun + ((Steps - 1) * 15L);
            var rows = new List<string>();
            var results = new List<ShapeTimes[]>();
            foreach (var shape in QueryShape.All.Where(s => native || !s.IsNative))
            {
                var asked = shape.IsNative ? started.FindAll(static s => s is not VictoriaMetricsServer) : started;
                var times = await MeasureAsync(asked, shape, end, runs);
                results.Add(times);
                rows.Add(Row(shape.Name, times));
                Console.WriteLine(rows[^1]);
            }

            return Report(series, runs, load, rows, results, resting);
        }
        finally
        {
            foreach (var server in started)
            {
                await server.DisposeAsync();
            }
        }
    }

    private static async Task LoadAsync(Server server, int series, long begun, bool native)
    {
        var clock = Stopwatch.StartNew();
        var histograms = native ? new NativeHistogramRequest() : null;
        await Loader.RunAsync(server.WriteUrl, series, Steps, begun, step => histograms is null
            ? [ProbeRequest.Encode(step, begun)]
            : [ProbeRequest.Encode(step, begun), histograms.Next(begun + (step * 15L))]);
        Console.WriteLine($"{server.Name}: loaded in {clock.Elapsed.TotalSeconds:F0} s");
    }

    private static async Task<ShapeTimes[]> MeasureAsync(List<Server> servers, QueryShape shape, long end, int runs)
    {
        var paths = shape.Paths(end);
        await CompareAsync(servers, shape, paths);
        var times = servers.ConvertAll(static _ => new ShapeTimes()).ToArray();
        var buffer = new byte[1 << 16];
        for (var run = -WarmUps; run < runs; run++)
        {
            for (var i = 0; i < servers.Count; i++)
            {
                // Each goes first as often as the others.
                var s = (i + run + WarmUps) % servers.Count;
                servers[s].ResetHighWater();
                var clock = Stopwatch.StartNew();
                foreach (var path in paths)
                {
                    await DrainAsync(servers[s], path, buffer);
                }

                if (run >= 0)
                {
                    times[s].Milliseconds.Add(clock.Elapsed.TotalMilliseconds);
                    times[s].PeakResident = Math.Max(times[s].PeakResident, servers[s].HighWater);
                }
            }
        }

        return times;
    }

    private static async Task DrainAsync(Server server, string path, byte[] buffer)
    {
        using var response = await server.Http.GetAsync(new Uri(path + server.QuerySuffix, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using var body = await response.Content.ReadAsStreamAsync();
        while (await body.ReadAsync(buffer) > 0)
        {
        }
    }

    // Prometheus must answer the same; VictoriaMetrics extrapolates otherwise, so only its number of series is compared.
    private static async Task CompareAsync(List<Server> servers, QueryShape shape, IReadOnlyList<string> paths)
    {
        for (var p = 0; p < paths.Count; p++)
        {
            var answers = new List<Dictionary<string, List<(double Time, double Value)>>>();
            foreach (var server in servers)
            {
                answers.Add(Answers.Read(await server.Http.GetByteArrayAsync(new Uri(paths[p] + server.QuerySuffix, UriKind.Relative))));
            }

            if (answers[0].Count == 0 || Answers.Difference(answers[0], answers[1]) is not null)
            {
                throw new InvalidOperationException($"{shape.Queries[p]}: {Answers.Difference(answers[0], answers[1]) ?? "empty"}");
            }

            if (answers.Count > 2 && answers[2].Count != answers[0].Count)
            {
                Console.WriteLine($"note: {shape.Queries[p]}: VictoriaMetrics has {answers[2].Count} series, not {answers[0].Count}");
            }
        }
    }

    private static string Row(string name, ShapeTimes[] times)
    {
        var (ours, prometheus) = (times[0], times[1]);
        var victoria = times.Length > 2 ? times[2] : null;
        var fastest = Math.Min(prometheus.Median, victoria?.Median ?? double.MaxValue);
        return $"| {name} | {Cell(ours)} | {Cell(prometheus)} | {(victoria is null ? "-" : Cell(victoria))} | {ours.Median / fastest:F2} | {prometheus.Median / ours.Median:F1} | "
            + $"{Mega(ours)} / {Mega(prometheus)} / {(victoria is null ? "-" : Mega(victoria))} | {(double)ours.PeakResident / prometheus.PeakResident:F2} |";
    }

    private static string Cell(ShapeTimes times) => $"{times.Median:F1} ({times.Best:F1})";

    private static string Mega(ShapeTimes times) => $"{times.PeakResident / 1e6:F0}";

    private static double Added(List<ShapeTimes[]> results, List<long> resting, int server) =>
        Figures.Median(results.Where(r => r.Length > server).Select(r => (r[server].PeakResident - resting[server]) / 1e6));

    private static string Report(int series, int runs, string load, List<string> rows, List<ShapeTimes[]> results, List<long> resting)
    {
        var versions = (Environment.GetEnvironmentVariable("DEUCALION_PEER_VERSIONS") ?? string.Empty).Split('\n')
            .Where(static l => l.StartsWith("prometheus:", StringComparison.Ordinal) || l.StartsWith("victoria-metrics:", StringComparison.Ordinal));
        var within = results.Count(static r => r[0].Median <= 1.1 * r.Skip(1).Min(static t => t.Median));
        return $"""
            ## Shapes of queries

            {series:N0} series with 1 h of data at 15 s, and one at 1 s, written to all three by remote write ({NativeHistogramRequest.Series:N0} native histograms to the first two); asked over HTTP in turns, range queries over the hour with a step of
            15 s or 1 min; {runs} runs after {WarmUps} that warm up, on {Environment.ProcessorCount} cores, load average {load} at the start. Result caches are off (`-search.disableCache`
            and `nocache=1` for VictoriaMetrics; the others have none). Answers are compared with Prometheus's (1e-9); VictoriaMetrics extrapolates otherwise, so only its number of
            series is. Times are medians (best in brackets) in milliseconds; memory is the highest resident size of each process during the shape, in MB.
            Goals: at most 1.1 × the faster of the two; in the median 3 × faster than Prometheus with a third of its memory. Versions: {string.Join("; ", versions)}.

            | shape | Deucalion | Prometheus | VictoriaMetrics | ÷ faster | Prometheus ÷ ours | memory | ÷ Prometheus |
            |---|---|---|---|---|---|---|---|
            {string.Join('\n', rows)}

            {within} of {results.Count} shapes take at most 1.1 × the time of the faster; median {Figures.Median(results.Select(static r => r[1].Median / r[0].Median)):F1} × faster than Prometheus,
            with {Figures.Median(results.Select(static r => (double)r[0].PeakResident / r[1].PeakResident)):F2} of its memory. At rest, loaded and before the first query, they hold
            {string.Join(" / ", resting.Select(static r => $"{r / 1e6:F0}"))} MB; what queries added to that is, in the median,
            {string.Join(" / ", Enumerable.Range(0, resting.Count).Select(s => $"{Added(results, resting, s):F0}"))} MB: {Added(results, resting, 0) / Added(results, resting, 1):F2} of Prometheus's.
            """;
    }
}
