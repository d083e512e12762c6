using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordinator.Balance;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Coordinator;

/// <summary>What the coordinator knows of a partition.</summary>
internal sealed class KnownPartition(PartitionId id, CoordinatorCore core, PartitionEntry document)
{
    public PartitionId Id => id;

    public CoordinatorCore Core => core;

    public TableEntry Entry => core.Entry!;

    /// <summary>The entry as it is stored.</summary>
    public PartitionEntry Document { get; private set; } = document;

    /// <summary>Number of the view in which the entry changed last.</summary>
    public long ChangedAt { get; private set; }

    /// <summary>A move that is under way, or that an operator wants.</summary>
    public PlannedMove? Move { get; set; }

    public PartitionPlan? Plan { get; set; }

    /// <summary>What its primary last told of how far others are behind, and when.</summary>
    public (PartitionLags Lags, long At)? Told { get; set; }

    /// <summary>Node to which a replica was last begun.</summary>
    public NodeId? Placing { get; set; }

    /// <summary>Takes a newer entry in; false: it is none.</summary>
    public bool Saw(PartitionEntry document, long seq)
    {
        if (Core.Entry is { } known && known.Version >= document.Version)
        {
            return false;
        }

        core.EntrySeen(document.ToEntry());
        Document = document;
        ChangedAt = seq;
        return true;
    }

    /// <summary>How far its replicas are behind; null where the primary of its term has not told that since some time.</summary>
    public IReadOnlyList<ReplicaLag>? LagsSince(long time) =>
        Told is { } told && told.Lags.Term == Entry.Term && told.At >= time ? told.Lags.Replicas : null;

    public bool Has(NodeId node) => Entry.InSyncOn(node) is not null || Entry.LearnerOn(node) is not null;

    /// <summary>Forgets a move that is done, which is returned, or has lost its sense.</summary>
    public PlannedMove? CheckMove(Func<NodeId, bool> takes)
    {
        if (Move is not { } move || (Has(move.From) && (Entry.InSyncOn(move.To) is not null || takes(move.To))))
        {
            return null;
        }

        Move = null;
        return !Has(move.From) && Entry.InSyncOn(move.To) is not null ? move : null;
    }
}
