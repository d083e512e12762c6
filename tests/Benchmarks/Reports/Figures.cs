namespace Deucalion.Benchmarks.Reports;

/// <summary>What one ingest run came to.</summary>
internal sealed record Figures(double SamplesPerCpuSecond, double BytesPerSeries, double LogBytesPerSample)
{
    public static Figures Median(IReadOnlyCollection<Figures> runs) => new(
        Median(runs.Select(static r => r.SamplesPerCpuSecond)), Median(runs.Select(static r => r.BytesPerSeries)), Median(runs.Select(static r => r.LogBytesPerSample)));

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }
}
