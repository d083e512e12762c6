using System.Diagnostics.Metrics;
using System.Globalization;
using Deucalion.Common.Manifests;

namespace Deucalion.Compactor.Compaction;

/// <summary>Metrics of compaction.</summary>
internal sealed class CompactionMetrics
{
    private readonly Counter<long> _runs;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _sources;
    private readonly Counter<long> _results;
    private readonly Counter<long> _sourceBytes;
    private readonly Counter<long> _resultBytes;
    private readonly Histogram<double> _duration;
    private volatile IReadOnlyDictionary<int, long> _levels = new Dictionary<int, long>();
    private volatile int _setAside;

    public CompactionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Compactor.Compaction");
        _runs = meter.CreateCounter<long>("deucalion_compactor_runs_total", null, "Merges of blocks that were published.");
        _failures = meter.CreateCounter<long>("deucalion_compactor_compaction_failures_total", null, "Merges that came to nothing, by reason: unavailable, damaged, no_space, wrong_result. Their sources stay.");
        _sources = meter.CreateCounter<long>("deucalion_compactor_source_blocks_total", null, "Blocks that were merged into others.");
        _results = meter.CreateCounter<long>("deucalion_compactor_result_blocks_total", null, "Blocks that merges made.");
        _sourceBytes = meter.CreateCounter<long>("deucalion_compactor_source_bytes_total", "bytes", "Bytes of blocks that were merged into others.");
        _resultBytes = meter.CreateCounter<long>("deucalion_compactor_result_bytes_total", "bytes", "Bytes of blocks that merges made.");
        _duration = meter.CreateHistogram<double>("deucalion_compactor_merge_duration_seconds", "seconds", "Time of a merge, from its first read to its publication.", advice: new InstrumentAdvice<double>
        {
            // From a few small blocks to a day of millions of series.
            HistogramBucketBoundaries = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600],
        });
        meter.CreateObservableGauge(
            "deucalion_compactor_blocks",
            () => _levels.Select(static x => new Measurement<long>(x.Value, new KeyValuePair<string, object?>("level", x.Key.ToString(CultureInfo.InvariantCulture)))),
            null,
            "Blocks that manifests list, by level, as this node saw them last.");
        meter.CreateObservableGauge("deucalion_compactor_set_aside_blocks", () => _setAside, null, "Damaged blocks that this node leaves out of merges.");
    }

    public void Published(CompactionGroup group, ManifestBlock? result, TimeSpan duration)
    {
        _runs.Add(1);
        _sources.Add(group.Blocks.Count);
        _sourceBytes.Add(group.Bytes);
        _results.Add(result is null ? 0 : 1);
        _resultBytes.Add(result?.Bytes ?? 0);
        _duration.Record(duration.TotalSeconds);
    }

    public void Failed(CompactionFailure failure) => _failures.Add(1, new KeyValuePair<string, object?>("reason", failure switch
    {
        CompactionFailure.Damaged => "damaged",
        CompactionFailure.NoSpace => "no_space",
        CompactionFailure.WrongResult => "wrong_result",
        _ => "unavailable",
    }));

    public void Seen(IReadOnlyDictionary<int, long> levels, int setAside) => (_levels, _setAside) = (levels, setAside);
}
