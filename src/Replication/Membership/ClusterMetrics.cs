using System.Diagnostics.Metrics;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Coordinator.Balance;
using Deucalion.Replication.Coordinator.Wire;

namespace Deucalion.Replication.Membership;

/// <summary>
/// Metrics of membership, views and coordinator; one for a process. Nodes and partitions are counted by the coordinator alone, and how far a replica is
/// behind is told by the node of its primary alone: other nodes show no such series. Thread-safe.
/// </summary>
public sealed class ClusterMetrics
{
    private readonly Counter<long> _leaseLosses;
    private readonly Counter<long> _elections;
    private readonly Counter<long> _moves;
    private readonly Counter<long> _completed;
    private readonly Counter<long> _storeFailures;
    private readonly Counter<long> _refreshes;
    private volatile ClusterStatus? _status;
    private int _isCoordinator;
    private int _isHeld;
    private volatile Func<TimeSpan> _viewAge = static () => TimeSpan.Zero;
    private volatile Func<IReadOnlyList<PartitionLags>> _lags = static () => [];
    private volatile Func<int> _protocol = static () => ClusterProtocol.Oldest;

    /// <summary>Creates the instruments.</summary>
    public ClusterMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Replication.Cluster");
        _leaseLosses = meter.CreateCounter<long>("deucalion_cluster_lease_losses_total", description: "Times that this node lost its lease.");
        _elections = meter.CreateCounter<long>("deucalion_cluster_elections_total", description: "Primaries that this node replaced as coordinator.");
        _moves = meter.CreateCounter<long>("deucalion_cluster_moves_total", description: "Replicas that this node had moved or made as coordinator, by reason.");
        _completed = meter.CreateCounter<long>("deucalion_cluster_moves_completed_total", description: "Replicas that have gone from one node to another as this node, the coordinator, saw, by reason.");
        _storeFailures = meter.CreateCounter<long>("deucalion_cluster_store_failures_total", description: "Requests of membership and coordinator that the coordination store failed.");
        _refreshes = meter.CreateCounter<long>("deucalion_cluster_view_refreshes_total", description: "Times that the cluster view was read from the coordination store.");
        meter.CreateObservableGauge("deucalion_cluster_lease_held", () => Volatile.Read(ref _isHeld), description: "1 while this node has its lease, 0 otherwise.");
        meter.CreateObservableGauge("deucalion_cluster_is_coordinator", () => Volatile.Read(ref _isCoordinator), description: "1 on the node that coordinates, 0 on others.");
        meter.CreateObservableGauge("deucalion_cluster_view_age_seconds", () => _viewAge().TotalSeconds, "seconds", "Age of what this node knows of the cluster.");
        meter.CreateObservableGauge("deucalion_cluster_protocol", () => _protocol(), description: "Version of the protocol between nodes that is in effect: the highest that all live nodes speak.");
        meter.CreateObservableGauge("deucalion_cluster_nodes", Nodes, description: "Nodes of the cluster by state, from the coordinator.");
        meter.CreateObservableGauge("deucalion_cluster_partitions", Partitions, description: "Partitions of the cluster by state, from the coordinator.");
        meter.CreateObservableGauge<long>(
            "deucalion_replication_lag_records",
            () => Lags<long>(static lag => lag.Records),
            description: "Records that a replica lacks, from the node of the primary; no series where that is not known.");
        meter.CreateObservableGauge<double>(
            "deucalion_replication_lag_seconds",
            () => Lags<double>(static lag => lag.Seconds),
            "seconds",
            "At most so long ago a replica held all that there was, from the node of the primary; 0 where it lacks nothing.");
        meter.CreateObservableGauge("deucalion_cluster_moves_under_way", MovesUnderWay, description: "Replicas that are catching up, from the coordinator.");
    }

    internal void LeaseHeld() => Volatile.Write(ref _isHeld, 1);

    internal void LeaseLost()
    {
        Volatile.Write(ref _isHeld, 0);
        _leaseLosses.Add(1);
    }

    internal void LeaseReleased() => Volatile.Write(ref _isHeld, 0);

    internal void ViewAge(Func<TimeSpan> age) => _viewAge = age;

    /// <summary>Where it is known how far replicas are behind the primaries of this node.</summary>
    internal void Lags(Func<IReadOnlyList<PartitionLags>> lags) => _lags = lags;

    internal void Protocol(Func<int> inEffect) => _protocol = inEffect;

    internal void ViewRefreshed() => _refreshes.Add(1);

    internal void StoreFailed() => _storeFailures.Add(1);

    internal void Elected() => _elections.Add(1);

    internal void MoveBegun(StepReason reason) => _moves.Add(1, Of(reason));

    internal void MoveCompleted(StepReason reason) => _completed.Add(1, Of(reason));

    internal void Coordinates(ClusterStatus status)
    {
        _status = status;
        Volatile.Write(ref _isCoordinator, 1);
    }

    internal void StoppedCoordinating()
    {
        Volatile.Write(ref _isCoordinator, 0);
        _status = null;
    }

    private static KeyValuePair<string, object?> Of(StepReason reason) => new("reason", reason.ToString().ToLowerInvariant());

    private static Measurement<long> Of(long value, string state) => new(value, new KeyValuePair<string, object?>("state", state));

    private IEnumerable<Measurement<T>> Lags<T>(Func<ReplicaLag, T?> number)
        where T : struct
    {
        foreach (var partition in _lags())
        {
            foreach (var lag in partition.Replicas)
            {
                if (number(lag) is { } value)
                {
                    yield return new Measurement<T>(
                        value,
                        new KeyValuePair<string, object?>("partition", partition.Partition),
                        new KeyValuePair<string, object?>("replica", lag.Node));
                }
            }
        }
    }

    private IEnumerable<Measurement<long>> Nodes()
    {
        if (_status is not { } status)
        {
            return [];
        }

        return
        [
            Of(status.JoiningNodes, "joining"), Of(status.ActiveNodes, "active"), Of(status.LeavingNodes, "leaving"), Of(status.DeadNodes, "dead"),
        ];
    }

    private IEnumerable<Measurement<long>> Partitions()
    {
        if (_status is not { } status)
        {
            return [];
        }

        return [Of(status.Healthy, "healthy"), Of(status.UnderReplicated, "under_replicated"), Of(status.WithoutPrimary, "without_primary")];
    }

    private IEnumerable<Measurement<long>> MovesUnderWay() => _status is { } status ? [new Measurement<long>(status.MovesUnderWay)] : [];
}
