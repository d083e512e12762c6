using Deucalion.Replication.Placement;

namespace Deucalion.Replication.Coordinator.Balance;

/// <summary>What a plan says about one partition.</summary>
/// <param name="Step">What is to be done next; null: nothing now.</param>
/// <param name="Numbers">Numbers that the entry is to get now; null: it has them.</param>
/// <param name="IsSettled">Whether every replica is where it is to be in the end.</param>
internal sealed record PartitionPlan(PlannedStep? Step, ReplicaNumbers? Numbers, bool IsSettled);
