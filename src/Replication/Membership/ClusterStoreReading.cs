using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;

namespace Deucalion.Replication.Membership;

/// <summary>What the store says of the cluster.</summary>
/// <param name="BeganAt">Timestamp before the first request: nothing that had been written by then is missing.</param>
/// <param name="Nodes">All nodes that have a record.</param>
/// <param name="Entries">The partition table.</param>
/// <param name="Coordinator">The lease of the coordinator; null: nobody ever had it, or it is gone.</param>
internal sealed record ClusterStoreReading(
    long BeganAt, IReadOnlyList<NodeSight> Nodes, IReadOnlyList<(PartitionId Partition, PartitionEntry Entry)> Entries, LeaseSight? Coordinator);
