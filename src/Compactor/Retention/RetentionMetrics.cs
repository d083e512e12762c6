using System.Diagnostics.Metrics;

namespace Deucalion.Compactor.Retention;

/// <summary>Metrics of retention.</summary>
internal sealed class RetentionMetrics
{
    private readonly Counter<long> _retired;
    private readonly Counter<long> _retiredBytes;
    private readonly Counter<long> _deleted;
    private readonly Counter<long> _orphans;
    private readonly Counter<long> _failures;

    public RetentionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Compactor.Retention");
        _retired = meter.CreateCounter<long>("deucalion_compactor_retired_blocks_total", description: "Blocks removed from manifests by retention, by cause.");
        _retiredBytes = meter.CreateCounter<long>("deucalion_compactor_retired_bytes_total", description: "Bytes of blocks removed from manifests by retention.");
        _deleted = meter.CreateCounter<long>("deucalion_compactor_deleted_blocks_total", description: "Retired blocks whose objects have been deleted.");
        _orphans = meter.CreateCounter<long>("deucalion_compactor_deleted_orphans_total", description: "Uploads that no manifest listed and that have been deleted.");
        _failures = meter.CreateCounter<long>("deucalion_compactor_retention_failures_total", description: "Passes over a tenant that failed; they are repeated.");
    }

    public void Retired(RetentionCause cause, long bytes)
    {
        _retired.Add(1, new KeyValuePair<string, object?>("cause", cause == RetentionCause.Age ? "age" : "size"));
        _retiredBytes.Add(bytes);
    }

    public void Deleted() => _deleted.Add(1);

    public void OrphanDeleted() => _orphans.Add(1);

    public void Failed() => _failures.Add(1);
}
