using System.Diagnostics;
using Deucalion.Benchmarks.Load;
using Deucalion.Benchmarks.Servers;

namespace Deucalion.Benchmarks.Stored;

/// <summary>A node of its own: resident memory with many series, replay after a kill, start after a clean stop.</summary>
internal static class NodeFigures
{
    public static async Task<List<string>> RunAsync(ServerFactory servers, int series)
    {
        var rows = new List<string>();
        var begun = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 7200 * 7200) - 7200;
        await using (var server = servers.Node(servers.Fresh()))
        {
            await server.ReadyAsync();
            var empty = server.Resident;
            var samples = await Loader.RunAsync(server.WriteUrl, series, 15, begun);
            await Task.Delay(TimeSpan.FromSeconds(5));
            Add(rows, $"resident, {series:N0} series × 15 samples", $"{(double)server.Resident / series:F0} bytes a series ({server.Resident >> 20} MiB; highest {server.PeakResident >> 20}; empty {empty >> 20})");
            Add(rows, "CPU time for it", $"{samples / server.CpuSeconds / 1e6:F2} M samples/s");
        }

        var directory = servers.Fresh();
        var few = series / 4;
        await using (var server = servers.Node(directory))
        {
            await server.ReadyAsync();
            await Loader.RunAsync(server.WriteUrl, few, 100, begun);
        }

        await using (var server = servers.Node(directory))
        {
            var clock = Stopwatch.StartNew();
            await server.ReadyAsync();
            Add(rows, $"start after a kill, {few * 100L:N0} samples in the journal", $"{clock.Elapsed.TotalSeconds:F2} s, {server.CpuSeconds:F2} s of CPU, {few * 100L / server.CpuSeconds / 1e6:F1} M samples/CPU-s");
            clock.Restart();
            await server.StopAsync();
            Add(rows, "clean stop, checkpoints written", $"{clock.Elapsed.TotalSeconds:F2} s");
        }

        await using (var server = servers.Node(directory))
        {
            var clock = Stopwatch.StartNew();
            await server.ReadyAsync();
            Add(rows, "start after the clean stop", $"{clock.Elapsed.TotalSeconds:F2} s, {server.CpuSeconds:F2} s of CPU");
        }

        await using (var server = servers.Node(servers.Fresh()))
        {
            var clock = Stopwatch.StartNew();
            await server.ReadyAsync();
            Add(rows, "start of an empty node, for comparison", $"{clock.Elapsed.TotalSeconds:F2} s, {server.CpuSeconds:F2} s of CPU");
        }

        return rows;
    }

    private static void Add(List<string> rows, string what, string figure)
    {
        rows.Add($"| {what} | {figure} |");
        Console.WriteLine(rows[^1]);
    }
}
