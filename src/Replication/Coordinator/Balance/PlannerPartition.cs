using Deucalion.Common.Identifiers;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Placement;

namespace Deucalion.Replication.Coordinator.Balance;

/// <summary>A partition as the planner looks at it.</summary>
/// <param name="Id">The partition.</param>
/// <param name="Entry">Its entry.</param>
/// <param name="Wanted">The numbers that it is to have.</param>
/// <param name="Move">A move that was begun, or that an operator wants, and is not done: it is not decided anew.</param>
internal sealed record PlannerPartition(PartitionId Id, TableEntry Entry, ReplicaNumbers Wanted, PlannedMove? Move);

/// <summary>A replica goes from one node to another.</summary>
internal sealed record PlannedMove(NodeId From, NodeId To, StepReason Reason);
