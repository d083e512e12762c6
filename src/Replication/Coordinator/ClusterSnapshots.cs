using Deucalion.Replication.Coordinator.Balance;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Placement;
using Deucalion.Replication.Transport;

namespace Deucalion.Replication.Coordinator;

/// <summary>Makes snapshots of the cluster for people and metrics.</summary>
internal static class ClusterSnapshots
{
    // Milliseconds for which it is known how far replicas are behind: several questions of the primary's node may be lost.
    private const long LagsLast = 10_000;

    /// <summary>What the coordinator knows.</summary>
    public static ClusterSnapshot Of(CoordinatorState state, NodeId self, long now, TimeProvider time)
    {
        var partitions = state.Partitions.Select(partition => StatusOf(partition, state) with { Lags = partition.LagsSince(now - LagsLast) }).ToList();
        var nodes = state.Nodes.All.Where(static node => node.Sight is not null).Select(node => StatusOf(node, state, now)).ToList();
        var readAt = state.IsReady ? time.GetUtcNow() - TimeSpan.FromMilliseconds(now - state.LeasesAt) : DateTimeOffset.UnixEpoch;
        return new ClusterSnapshot(
            Count(nodes, partitions, state.Placement?.Numbers ?? ReplicaNumbers.One) with
            {
                Coordinator = ReplicaProtocol.NameOf(self),
                FromCoordinator = true,
                ReadAt = readAt,
                IsFrozen = state.IsFrozen(now),
                MovesUnderWay = state.Partitions.Sum(partition => partition.Entry.Learners.Count(learner => state.Nodes.Find(learner.Node)?.IsAlive == true)),
                Unsettled = state.Partitions.Count(static partition => partition.Plan?.IsSettled != true),
            },
            nodes,
            partitions);
    }

    /// <summary>What any node knows while no coordinator answers.</summary>
    public static ClusterSnapshot Of(ClusterView view)
    {
        var entries = view.Entries.OrderBy(static item => item.Partition).Select(static item => (item.Partition, Entry: item.Entry.ToEntry())).ToList();
        var alive = view.Nodes.Select(static node => node.Id).ToHashSet(StringComparer.Ordinal);
        var partitions = entries.Select(item => StatusOf(
            item.Partition.Value, item.Entry, new ReplicaNumbers(Math.Clamp(item.Entry.ReplicationFactor, 1, ReplicaNumbers.Most), 1),
            node => alive.Contains(ReplicaProtocol.NameOf(node)), null)).ToList();
        var nodes = view.Nodes.Select(record => new NodeStatus
        {
            Record = record,
            IsAlive = true,
            ForSeconds = 0,
            IsInformed = true,
            Primaries = partitions.Count(partition => partition.Primary == record.Id),
            Replicas = partitions.Count(partition => partition.InSync.Contains(record.Id) || partition.Learners.Contains(record.Id)),
            Learners = partitions.Count(partition => partition.Learners.Contains(record.Id)),
        }).ToList();
        return new ClusterSnapshot(Count(nodes, partitions, ReplicaNumbers.One) with { Coordinator = view.Coordinator, ReadAt = view.ReadAt }, nodes, partitions);
    }

    private static ClusterStatus Count(List<NodeStatus> nodes, List<PartitionStatus> partitions, ReplicaNumbers numbers) => new()
    {
        Coordinator = null,
        FromCoordinator = false,
        ReadAt = default,
        IsFrozen = false,
        ReplicationFactor = numbers.ReplicationFactor,
        MinInSync = numbers.MinInSync,
        JoiningNodes = nodes.Count(static node => node is { IsAlive: true, Record.State: NodeState.Joining }),
        ActiveNodes = nodes.Count(static node => node is { IsAlive: true, Record.State: NodeState.Active }),
        LeavingNodes = nodes.Count(static node => node is { IsAlive: true, Record.State: NodeState.Leaving }),
        DeadNodes = nodes.Count(static node => !node.IsAlive),
        Healthy = partitions.Count(static partition => partition.State == PartitionHealth.Healthy),
        UnderReplicated = partitions.Count(static partition => partition.State == PartitionHealth.UnderReplicated),
        WithoutPrimary = partitions.Count(static partition => partition.State == PartitionHealth.WithoutPrimary),
        MovesUnderWay = 0,
        Unsettled = 0,
    };

    private static NodeStatus StatusOf(KnownNode node, CoordinatorState state, long now) => new()
    {
        Record = node.Sight!.Record,
        IsAlive = node.IsAlive,
        ForSeconds = (now - node.Since) / 1000.0,
        IsInformed = node.Knows >= state.Seq,
        Primaries = state.Partitions.Count(partition => partition.Entry.Primary == node.Id),
        Replicas = state.Partitions.Count(partition => partition.Has(node.Id)),
        Learners = state.Partitions.Count(partition => partition.Entry.LearnerOn(node.Id) is not null),
    };

    private static PartitionStatus StatusOf(KnownPartition partition, CoordinatorState state) => StatusOf(
        partition.Id.Value, partition.Entry, state.WantedOf(partition), node => state.Nodes.Find(node)?.IsAlive == true, Describe(partition));

    private static PartitionStatus StatusOf(int partition, TableEntry entry, ReplicaNumbers wanted, Func<NodeId, bool> isAlive, string? step) => new()
    {
        Partition = partition,
        State = !isAlive(entry.Primary) ? PartitionHealth.WithoutPrimary
            : entry.InSync.Count(replica => isAlive(replica.Node)) < wanted.ReplicationFactor ? PartitionHealth.UnderReplicated
            : PartitionHealth.Healthy,
        Term = entry.Term,
        Version = entry.Version,
        ReplicationFactor = entry.ReplicationFactor,
        MinInSync = entry.MinInSync,
        WantedReplicationFactor = wanted.ReplicationFactor,
        WantedMinInSync = wanted.MinInSync,
        Primary = ReplicaProtocol.NameOf(entry.Primary),
        InSync = [.. entry.InSync.Select(static replica => ReplicaProtocol.NameOf(replica.Node))],
        Learners = [.. entry.Learners.Select(static replica => ReplicaProtocol.NameOf(replica.Node))],
        Step = step,
    };

    private static string? Describe(KnownPartition partition) => partition.Plan switch
    {
        { Step: PlaceStep { InsteadOf: { } from } step } => $"{Word(step.Reason)}: from {ReplicaProtocol.NameOf(from)} to {ReplicaProtocol.NameOf(step.Node)}",
        { Step: PlaceStep step } => $"{Word(step.Reason)}: to {ReplicaProtocol.NameOf(step.Node)}",
        { Step: HandOffStep step } => $"{Word(step.Reason)}: hand-off to {ReplicaProtocol.NameOf(step.To)}",
        { Step: DropStep step } => $"removal of the learner on {ReplicaProtocol.NameOf(step.Node)}",
        { Numbers: { } numbers } => $"numbers: {numbers}",
        _ => null,
    };

    private static string Word(StepReason reason) => reason switch
    {
        StepReason.Repair => "repair",
        StepReason.Drain => "drain",
        StepReason.Spread => "spread over zones",
        StepReason.Balance => "balance",
        StepReason.Move => "move",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };
}
