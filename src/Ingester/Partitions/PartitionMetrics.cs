using System.Diagnostics.Metrics;

namespace Deucalion.Ingester.Partitions;

/// <summary>Metrics of partitions.</summary>
internal sealed class PartitionMetrics
{
    private readonly Counter<long> _refused;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _checkpointFailures;
    private readonly Histogram<double> _checkpoint;
    private readonly Histogram<double> _recovery;
    private readonly Counter<long> _journalFailures;
    private readonly Meter _meter;

    public PartitionMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Deucalion.Ingester.Partitions");
        _refused = _meter.CreateCounter<long>("deucalion_ingester_log_refusals_total", description: "Requests whose records the log refused (overload, disk full).");
        _lost = _meter.CreateCounter<long>("deucalion_ingester_log_losses_total", description: "Times that a partition that was open here closed: it was handed over, another node leads it, or its log failed.");
        _checkpointFailures = _meter.CreateCounter<long>("deucalion_ingester_checkpoint_failures_total", description: "Checkpoints that could not be written.");
        _checkpoint = _meter.CreateHistogram<double>("deucalion_ingester_checkpoint_duration_seconds", description: "Time to write a checkpoint.");
        _recovery = _meter.CreateHistogram<double>("deucalion_ingester_recovery_duration_seconds", description: "Time to bring all partitions back from checkpoints and journal.");
        _journalFailures = _meter.CreateCounter<long>("deucalion_ingester_journal_failures_total", description: "Times that the journal had to be reopened because it failed.");
    }

    /// <summary>Registers gauges that are read when metrics are collected.</summary>
    public void Observe(Func<long> series, Func<long> headBytes, Func<long> partitions, Func<long> unusable)
    {
        _meter.CreateObservableGauge("deucalion_ingester_active_series", series, description: "Series in the heads of this node.");
        _meter.CreateObservableGauge("deucalion_ingester_head_memory_bytes", headBytes, description: "Native memory of the heads of this node.");
        _meter.CreateObservableGauge("deucalion_ingester_partitions", partitions, description: "Partitions that are in use on this node.");
        _meter.CreateObservableGauge(
            "deucalion_ingester_unusable_partitions", unusable, description: "Partitions that are of no use on this node as they are: damaged, of a later version, refused by the table, or ended over a defect.");
    }

    public void AppendRefused() => _refused.Add(1);

    public void LogLost() => _lost.Add(1);

    public void CheckpointFailed() => _checkpointFailures.Add(1);

    public void Checkpointed(TimeSpan duration) => _checkpoint.Record(duration.TotalSeconds);

    public void Recovered(TimeSpan duration) => _recovery.Record(duration.TotalSeconds);

    public void JournalFailed() => _journalFailures.Add(1);
}
