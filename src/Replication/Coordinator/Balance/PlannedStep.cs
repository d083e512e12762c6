using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Coordinator.Balance;

/// <summary>What is to be done next about one partition. It stays in the plan until the table shows it done.</summary>
internal abstract record PlannedStep;

/// <summary>A node gets a replica, or goes on catching up, in the place of another one where that is named.</summary>
/// <param name="Node">The node that gets it.</param>
/// <param name="InsteadOf">The node that loses its own.</param>
/// <param name="Reason">Why.</param>
internal sealed record PlaceStep(NodeId Node, NodeId? InsteadOf, StepReason Reason) : PlannedStep;

/// <summary>A learner that is one too many goes.</summary>
internal sealed record DropStep(NodeId Node) : PlannedStep;

/// <summary>An in-sync backup becomes primary.</summary>
internal sealed record HandOffStep(NodeId To, StepReason Reason) : PlannedStep;

/// <summary>Why a step is planned.</summary>
internal enum StepReason
{
    /// <summary>A replica is missing, or on a node that is dead for too long.</summary>
    Repair,

    /// <summary>A node leaves.</summary>
    Drain,

    /// <summary>Two replicas share a zone though another zone has none.</summary>
    Spread,

    /// <summary>Nodes have unequal numbers.</summary>
    Balance,

    /// <summary>An operator asked for it.</summary>
    Move,
}
