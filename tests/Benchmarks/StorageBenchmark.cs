using Deucalion.Benchmarks.Servers;
using Deucalion.Benchmarks.Stored;

namespace Deucalion.Benchmarks;

/// <summary>The storage engine by itself: codecs, head, replay, checkpoints, blocks, postings; and a node's memory and starts.</summary>
internal static class StorageBenchmark
{
    public static async Task<string> RunAsync(ServerFactory servers, int series)
    {
        var node = await NodeFigures.RunAsync(servers, series);
        var codecs = CodecFigures.Rows().ToList();
        var postings = PostingsFigures.Run();
        GC.Collect();
        var replay = await ReplayFigures.RunAsync(series / 4);
        GC.Collect();
        var (memory, appends) = HeadFigures.Run(series);
        return $"""
            ## Storage

            Per core: CPU time of one thread. Goals: decode 120 M and encode 60 M samples/s (counter, gauge), append and replay 5 M samples/s, 900 bytes a series resident with
            15 samples (measured elsewhere: VictoriaMetrics 1,100, Prometheus 2,400), clean start in 0.5 s for 25 M samples.

            | chunks of 120 samples | encode, samples/s | decode, samples/s | bytes a sample |
            |---|---|---|---|
            {string.Join('\n', codecs)}

            | bytes a series, {series:N0} series | 15 samples | 120 samples |
            |---|---|---|
            {string.Join('\n', memory)}

            Append of known series (staged, encoded as a record, applied): {appends / 1e6:F1} M samples/s.

            | {series / 4:N0} series × 100 samples | CPU | samples/s | series/s | bytes a sample |
            |---|---|---|---|---|
            {string.Join('\n', replay)}

            | matchers over 1,000,000 series of a head | found | time |
            |---|---|---|
            {string.Join('\n', postings)}

            | node, all roles | |
            |---|---|
            {string.Join('\n', node)}
            """;
    }
}
