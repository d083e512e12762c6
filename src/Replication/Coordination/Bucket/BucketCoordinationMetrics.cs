using System.Diagnostics.Metrics;

namespace Deucalion.Replication.Coordination.Bucket;

/// <summary>What the coordination store in a bucket measures.</summary>
public sealed class BucketCoordinationMetrics
{
    private readonly Counter<long> _polls;
    private readonly Counter<long> _renewals;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _swept;

    /// <summary>Creates the instruments.</summary>
    public BucketCoordinationMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Coordination");
        _polls = meter.CreateCounter<long>("deucalion_coordination_polls_total", null, "Looks at what has changed in the coordination store, by outcome.");
        _renewals = meter.CreateCounter<long>("deucalion_coordination_renewals_total", null, "Renewals of this node's session in the coordination store, by outcome.");
        _lost = meter.CreateCounter<long>("deucalion_coordination_sessions_lost_total", null, "Sessions of this node that were lost with all their leases.");
        _ended = meter.CreateCounter<long>("deucalion_coordination_sessions_ended_total", null, "Sessions of other nodes that this node has ended because nobody renewed them.");
        _swept = meter.CreateCounter<long>("deucalion_coordination_sweep_failures_total", null, "Removals of what is left in the coordination store that failed; they are repeated.");
    }

    internal void Polled(bool succeeded) => _polls.Add(1, Outcome(succeeded));

    internal void Renewed(bool succeeded) => _renewals.Add(1, Outcome(succeeded));

    internal void SessionLost() => _lost.Add(1);

    internal void SessionEnded() => _ended.Add(1);

    internal void SweepFailed() => _swept.Add(1);

    private static KeyValuePair<string, object?> Outcome(bool succeeded) => new("outcome", succeeded ? "ok" : "failed");
}
