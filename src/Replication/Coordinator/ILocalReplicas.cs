using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Coordinator;

/// <summary>The replicas of this node. Thread-safe.</summary>
internal interface ILocalReplicas
{
    /// <summary>Whether their disk has no room for more.</summary>
    bool IsFull => false;

    /// <summary>How far other replicas are behind those of this node that lead.</summary>
    IReadOnlyList<PartitionLags> Lags => [];

    /// <summary>The log that this node holds of a partition; null: none.</summary>
    ReplicaId? Find(PartitionId partition);

    /// <summary>
    /// Makes the replica know an entry that was just written, before anything that arrives later: when this returns it gives its log up for nobody any more
    /// that leads an earlier term.
    /// </summary>
    ValueTask LearnAsync(PartitionId partition, TableEntry entry, CancellationToken cancellationToken);
}
