using System.Collections.Immutable;

namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>The partition's entry in the table, as the protocol works with it; every change is one compare-and-swap that raises <see cref="Version"/>.</summary>
internal sealed record TableEntry
{
    public required long Term { get; init; }

    public required long Version { get; init; }

    public required int ReplicationFactor { get; init; }

    public required int MinInSync { get; init; }

    public required NodeId Primary { get; init; }

    public required ImmutableArray<ReplicaId> InSync { get; init; }

    /// <summary>Replicas that keep a place and are catching up, or are away.</summary>
    public required ImmutableArray<ReplicaId> Learners { get; init; }

    /// <summary>Process that wrote this version.</summary>
    public ulong Writer { get; init; }

    /// <summary>Which of its writes it was.</summary>
    public long Counter { get; init; }

    public bool IsInSync(ReplicaId replica) => InSync.Contains(replica);

    /// <summary>Whether a node has a replica, in sync or not.</summary>
    public bool Lists(NodeId node) => InSyncOn(node) is not null || LearnerOn(node) is not null;

    public ReplicaId? InSyncOn(NodeId node) => On(InSync, node);

    public ReplicaId? LearnerOn(NodeId node) => On(Learners, node);

    /// <summary>The entry with another primary, or the same one come back: both need a new term.</summary>
    public TableEntry WithPrimary(NodeId primary) => this with { Term = Term + 1, Version = Version + 1, Primary = primary };

    /// <summary>The entry with other replicas.</summary>
    public TableEntry WithReplicas(ImmutableArray<ReplicaId> inSync, ImmutableArray<ReplicaId> learners) =>
        this with { Version = Version + 1, InSync = inSync, Learners = learners };

    public override string ToString() =>
        $"v{Version} term {Term} primary {Primary} inSync [{string.Join(' ', InSync)}] learners [{string.Join(' ', Learners)}] by {Writer}#{Counter}";

    private static ReplicaId? On(ImmutableArray<ReplicaId> replicas, NodeId node)
    {
        foreach (var replica in replicas)
        {
            if (replica.Node == node)
            {
                return replica;
            }
        }

        return null;
    }
}
