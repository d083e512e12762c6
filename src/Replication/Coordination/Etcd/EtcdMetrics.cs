using System.Diagnostics.Metrics;

namespace Deucalion.Replication.Coordination.Etcd;

/// <summary>What the coordination store over etcd measures; calls are counted by the wire.</summary>
public sealed class EtcdMetrics
{
    private readonly Counter<long> _failures;
    private readonly Counter<long> _failovers;
    private readonly Counter<long> _watchInterruptions;
    private readonly Counter<long> _watchRestarts;
    private readonly Counter<long> _leasesLost;

    /// <summary>Creates the instruments.</summary>
    public EtcdMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Etcd");
        _failures = meter.CreateCounter<long>("deucalion_etcd_failures_total", null, "Operations that failed at every endpoint they were tried at.");
        _failovers = meter.CreateCounter<long>("deucalion_etcd_failovers_total", null, "Times that an endpoint was left for the next one.");
        _watchInterruptions = meter.CreateCounter<long>("deucalion_etcd_watch_interruptions_total", null, "Watches that broke off and were resumed.");
        _watchRestarts = meter.CreateCounter<long>("deucalion_etcd_watch_restarts_total", null, "Watches that listed anew because etcd had compacted what they had missed.");
        _leasesLost = meter.CreateCounter<long>("deucalion_etcd_leases_lost_total", null, "Leases that were lost while held.");
    }

    internal void Failed() => _failures.Add(1);

    internal void FailedOver() => _failovers.Add(1);

    internal void WatchInterrupted() => _watchInterruptions.Add(1);

    internal void WatchRestarted() => _watchRestarts.Add(1);

    internal void LeaseLost() => _leasesLost.Add(1);
}
