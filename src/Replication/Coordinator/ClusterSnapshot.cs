using System.Text.Json.Serialization;

namespace Deucalion.Replication.Coordinator;

/// <summary>All that a page about the cluster needs, at one moment.</summary>
/// <param name="Status">Numbers.</param>
/// <param name="Nodes">Nodes, dead ones too, by id.</param>
/// <param name="Partitions">Partitions that have been written to, by number.</param>
public sealed record ClusterSnapshot(
    [property: JsonPropertyName("status")] ClusterStatus Status,
    [property: JsonPropertyName("nodes")] IReadOnlyList<NodeStatus> Nodes,
    [property: JsonPropertyName("partitions")] IReadOnlyList<PartitionStatus> Partitions)
{
    internal bool IsComplete() =>
        Status is not null && Nodes?.All(NodeStatus.IsComplete) == true && Partitions?.All(PartitionStatus.IsComplete) == true;
}
