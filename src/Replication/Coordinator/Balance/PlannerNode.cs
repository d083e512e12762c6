using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Coordinator.Balance;

/// <summary>A node as the planner looks at it.</summary>
internal sealed record PlannerNode
{
    public required NodeId Id { get; init; }

    public required string Zone { get; init; }

    /// <summary>Whether its lease is there.</summary>
    public required bool IsAlive { get; init; }

    /// <summary>Whether it may be given replicas.</summary>
    public required bool Takes { get; init; }

    /// <summary>Whether it may have primaries.</summary>
    public required bool Leads { get; init; }

    /// <summary>Whether its replicas are to go elsewhere: it leaves, or has been dead for too long.</summary>
    public required bool Empties { get; init; }
}
