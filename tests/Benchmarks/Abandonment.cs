using System.Diagnostics;
using Deucalion.Benchmarks.Load;
using Deucalion.Benchmarks.Servers;

namespace Deucalion.Benchmarks;

/// <summary>Heavy queries whose clients go away: until when the server goes on working.</summary>
internal static class Abandonment
{
    private const int PollMilliseconds = 5;
    private const int WatchMilliseconds = 600;
    private const int LateMilliseconds = 50;
    private const int Looks = 100;

    // A core's share within one poll that counts as work; an idle process needs less for its timers.
    private const double BusyShare = 0.3;

    public static async Task<string> RunAsync(Server server, long begun, long end, int series, int rounds)
    {
        var one = $"http_requests_total{{pod=\"{Fleet.PodName(0)}\",handler=\"/api/v1/cart\",method=\"GET\",code=\"200\"}}";
        var shapes = new (string Name, string Query, bool Range)[]
        {
            ("aggregation of everything", "sum by (__name__) ({__name__=~\".+\"})", true),
            ("quantile of rates", "quantile by (job) (0.9, rate(http_requests_total[5m]))", true),
            ("topk of everything", "topk(10, {__name__=~\".+\"})", true),
            ("sort after label_replace", "sort(label_replace({__name__=~\".+\"}, \"x\", \"$1\", \"pod\", \"(.*)-.*\"))", false),
            ("join", "http_requests_total * on (pod) group_left () sum by (pod) (process_memory_region_bytes)", true),
            ("everything as JSON", "{__name__=~\".+\"}", true),
            ("count_values", "count_values(\"v\", {__name__=~\".+\"})", false),
            ("subquery over much", "max_over_time(sum by (job) (http_requests_total)[5m:1s])", true),
            ("subquery over one series", $"quantile_over_time(0.9, sin({one} + time())[1h:1ms])", true),
        };
        var rows = new List<string>();
        var anyway = 0;
        for (var look = 0; look < Looks; look++)
        {
            anyway += await WatchAsync(server, []) > LateMilliseconds ? 1 : 0;
        }

        Console.WriteLine($"busy after {LateMilliseconds} ms though nobody asked: {anyway} of {Looks} looks");
        var all = new List<double>();
        foreach (var (name, text, isRange) in shapes)
        {
            var path = new Uri(
                isRange ? $"/api/v1/query_range?start={begun}&end={end}&step=15&query={Uri.EscapeDataString(text)}" : $"/api/v1/query?time={end}&query={Uri.EscapeDataString(text)}",
                UriKind.Relative);
            var times = new List<double>();
            var finished = 0;
            var late = new Dictionary<string, long>();
            for (var round = 0; round < rounds; round++)
            {
                // The moments spread over the first seconds of the query.
                if (await AbandonAsync(server, path, 20 + (round * 1500 / rounds), late) is { } time)
                {
                    times.Add(time);
                }
                else
                {
                    finished++;
                }
            }

            all.AddRange(times);
            times.Sort();
            var who = string.Join(", ", late.Where(static t => t.Value > 1_000_000).OrderByDescending(static t => t.Value).Select(static t => $"{t.Key} {t.Value / 1e6:F0} ms"));
            Console.WriteLine($"{name}: {times.Count} abandoned, {finished} were faster; busy until {(times.Count == 0 ? 0 : times[^1]):F0} ms at most; CPU later than {LateMilliseconds} ms: {who}");
            var query = late.Where(static t => t.Key is ".NET TP Worker" || t.Key.StartsWith("query", StringComparison.Ordinal)).Sum(static t => t.Value) / 1e6;
            var collector = late.GetValueOrDefault(".NET BGC") / 1e6;
            rows.Add(times.Count == 0
                ? $"| {name} | 0 | – | – | – | – |"
                : $"| {name} | {times.Count} | {times[times.Count / 2]:F0} ms | {times[^1]:F0} ms | {query / times.Count:F1} ms | {collector / times.Count:F1} ms |");
        }

        all.Sort();
        var p99 = all.Count == 0 ? 0 : all[(int)Math.Ceiling(all.Count * 0.99) - 1];
        Console.WriteLine($"busy after the client is gone: p99 {p99:F0} ms of {all.Count}");
        return $"""
            ### Work after the client is gone

            Queries over {series:N0} series whose clients close the connection at moments spread over the first 1.5 s; until when the process then uses more than {BusyShare:P0} of a core and 2 ms, looked at each {PollMilliseconds} ms, the runtime's background collector and compiler left out. Goal: 50 ms (p99). **p99 of all {all.Count}: {p99:F0} ms.**
            What the node does on its own, such as writing its own metrics, counts too: without any query {anyway} of {Looks} looks found work later than {LateMilliseconds} ms.

            | query | abandoned | median | longest | CPU of its threads after {LateMilliseconds} ms | of the runtime's background collector |
            |---|---|---|---|---|---|
            {string.Join('\n', rows)}
            """;
    }

    // The runtime's collector and compiler finish what they began, whoever is there. Threads that end take their time along.
    private static long Work(Dictionary<(string Thread, string Name), long> before, Dictionary<(string Thread, string Name), long> now) => now
        .Where(static t => t.Key.Name is not (".NET BGC" or ".NET Tiered Com")).Sum(t => t.Value - before.GetValueOrDefault(t.Key));

    /// <summary>Milliseconds from the client's going until the server's last work; null where the answer was faster.</summary>
    private static async Task<double?> AbandonAsync(Server server, Uri path, int afterMilliseconds, Dictionary<string, long> late)
    {
        using var http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }) { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(5) };
        using var gone = new CancellationTokenSource();
        var answer = http.GetByteArrayAsync(path, gone.Token);
        await Task.WhenAny(answer, Task.Delay(afterMilliseconds));
        if (answer.IsCompleted)
        {
            _ = await answer;
            return null;
        }

        await gone.CancelAsync();
        var last = await WatchAsync(server, late);
        try
        {
            _ = await answer;
        }
        catch (OperationCanceledException)
        {
            // As was asked for.
        }

        return last;
    }

    /// <summary>Milliseconds from now until the last of the server's work that is seen.</summary>
    private static async Task<double> WatchAsync(Server server, Dictionary<string, long> late)
    {
        var clock = Stopwatch.StartNew();
        var (last, before, at) = (0.0, server.CpuByThread(), 0.0);
        Dictionary<(string, string), long>? later = null;
        while (clock.ElapsedMilliseconds < WatchMilliseconds)
        {
            await Task.Delay(PollMilliseconds);
            later ??= clock.ElapsedMilliseconds >= LateMilliseconds ? server.CpuByThread() : null;
            var (now, time) = (server.CpuByThread(), clock.Elapsed.TotalMilliseconds);
            if (Work(before, now) / 1e6 > Math.Max(2, BusyShare * (time - at)))
            {
                last = time;
                if (time > LateMilliseconds)
                {
                    Console.WriteLine($"  {time:F0} ms after: {Busiest(before, now)}");
                }
            }

            (before, at) = (now, time);
        }

        foreach (var ((thread, name), time) in server.CpuByThread())
        {
            late[name] = late.GetValueOrDefault(name) + time - (later?.GetValueOrDefault((thread, name)) ?? time);
        }

        return last;
    }

    private static string Busiest(Dictionary<(string Thread, string Name), long> before, Dictionary<(string Thread, string Name), long> now)
    {
        var (thread, time) = now.MaxBy(t => t.Value - before.GetValueOrDefault(t.Key));
        return $"{thread.Name} {(time - before.GetValueOrDefault(thread)) / 1e6:F1} ms";
    }
}
