namespace Deucalion.Replication.Coordinator.Balance;

/// <summary>All that a plan is made from. Nodes that entries name and that are missing here keep what they have and get nothing.</summary>
internal sealed record ClusterPicture(IReadOnlyList<PlannerNode> Nodes, IReadOnlyList<PlannerPartition> Partitions);
