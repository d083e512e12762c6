using Deucalion.Benchmarks.Load;
using Deucalion.Storage.Head;

namespace Deucalion.Benchmarks.Stored;

/// <summary>Memory of a head with many series, and appends of known series, one thread.</summary>
internal static class HeadFigures
{
    public const long Start = 1_699_999_200_000 / TenantHead.WindowLength * TenantHead.WindowLength;

    private const int FewSamples = 15;
    private const int ManySamples = 120;

    /// <summary>Rows of the memory table, and samples appended per CPU-second.</summary>
    public static (List<string> Memory, double AppendsPerSecond) Run(int series)
    {
        var fleet = new Fleet(series);
        var batches = BatchesOf(fleet.Series);
        var labels = fleet.Series.Sum(static s => (double)s.Length) / series;
        using var resources = new HeadResources(long.MaxValue, poison: false);
        using var head = new RecordedHead(resources, keep: false);
        for (var step = 0; step < FewSamples; step++)
        {
            Append(head, fleet, batches, step);
            if (step == 0)
            {
                head.Clock.Reset();
            }
        }

        var appends = (FewSamples - 1) * (double)series / head.Clock.Seconds;
        var few = Parts(head.Head.State, resources);
        for (var step = FewSamples; step < ManySamples; step++)
        {
            Append(head, fleet, batches, step);
        }

        var many = Parts(head.Head.State, resources);
        var rows = few.Zip(many, (a, b) => $"| {a.Name} | {a.Bytes / series:F0} | {b.Bytes / series:F0} |").ToList();
        rows.Add($"| head together ({labels:F1} labels a series) | {few.Sum(static p => p.Bytes) / series:F0} | {many.Sum(static p => p.Bytes) / series:F0} |");
        rows.ForEach(Console.WriteLine);
        Console.WriteLine($"append of known series: {appends / 1e6:F2} M samples/CPU-s");
        return (rows, appends);
    }

    public static List<BatchSeries> BatchesOf((string Name, string Value)[][] series) => [.. series.Chunk(BatchSeries.Size).Select(static chunk => new BatchSeries(chunk))];

    public static void Append(RecordedHead head, Fleet fleet, List<BatchSeries> batches, int step)
    {
        for (var b = 0; b < batches.Count; b++)
        {
            head.Write(batches[b], Start + (step * 15_000L), i => fleet.Next((b * BatchSeries.Size) + i, step));
        }
    }

    private static List<(string Name, double Bytes)> Parts(HeadState state, HeadResources resources) =>
    [
        ("rows of the series", state.Rows.ReservedBytes),
        ("identities (hash, place of the labels)", state.Identities.ReservedBytes),
        ("lookup by hash", state.Lookup.Bytes),
        ("labels of the series, postings", state.Index.ReservedBytes),
        ("symbols", resources.Symbols.ReservedBytes),
        ("chunks", state.Chunks.ReservedBytes),
    ];
}
