using Deucalion.Benchmarks.Load;
using Deucalion.Benchmarks.Reports;
using Deucalion.Benchmarks.Servers;

namespace Deucalion.Benchmarks;

/// <summary>Remote write into an empty server, then one flush: samples per CPU-second, resident memory per series, log bytes per sample.</summary>
internal static class IngestBenchmark
{
    public static async Task<string> RunAsync(ServerFactory servers, int series, int steps, int runs)
    {
        var measured = new Dictionary<string, List<Figures>>();
        for (var run = 0; run < runs; run++)
        {
            foreach (var start in servers.All)
            {
                await using var server = start();
                await server.ReadyAsync();
                var cpu = server.CpuSeconds;
                var begun = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 7200 * 7200) - 7200;
                var samples = await Loader.RunAsync(server.WriteUrl, series, steps, begun);
                var log = Server.SizeOf(server.LogDirectory);
                await server.FlushAsync();
                var figures = new Figures(samples / (server.CpuSeconds - cpu), (double)server.PeakResident / series, (double)log / samples);
                Console.WriteLine($"run {run + 1}: {server.Name}: {figures.SamplesPerCpuSecond / 1e6:F3} M samples/CPU-s, {figures.BytesPerSeries:F0} B/series, {figures.LogBytesPerSample:F2} log B/sample");
                if (!measured.TryGetValue(server.Name, out var list))
                {
                    measured.Add(server.Name, list = []);
                }

                list.Add(figures);
            }
        }

        var ours = Figures.Median(measured["Deucalion"]);
        var theirs = Figures.Median(measured["Prometheus"]);
        return $"""
            ## Ingest

            {series:N0} series, {steps} samples of each, 2,000 samples a request, 4 connections, one flush included; median of {runs} alternated runs.

            | figure | Deucalion | Prometheus | ratio | goal |
            |---|---|---|---|---|
            | samples per CPU-second | {ours.SamplesPerCpuSecond:N0} | {theirs.SamplesPerCpuSecond:N0} | {ours.SamplesPerCpuSecond / theirs.SamplesPerCpuSecond:F2} | 3 or more |
            | resident bytes per series (highest) | {ours.BytesPerSeries:N0} | {theirs.BytesPerSeries:N0} | {ours.BytesPerSeries / theirs.BytesPerSeries:F2} | 0.5 or less |
            | log bytes per sample | {ours.LogBytesPerSample:F2} | {theirs.LogBytesPerSample:F2} | {ours.LogBytesPerSample / theirs.LogBytesPerSample:F2} | 3 bytes or less |
            """;
    }
}
