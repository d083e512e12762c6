using System.Text.Json.Serialization;

namespace Deucalion.Replication.Coordinator.Wire;

/// <summary>How far the replicas of a partition are behind: told by the node of its primary.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Term">The primary's term.</param>
/// <param name="Replicas">All but the primary.</param>
internal sealed record PartitionLags(
    [property: JsonPropertyName("partition")] int Partition,
    [property: JsonPropertyName("term")] long Term,
    [property: JsonPropertyName("replicas")] IReadOnlyList<ReplicaLag> Replicas)
{
    public static bool IsComplete(PartitionLags? lags) => lags is { Partition: >= 0, Replicas: not null } && lags.Replicas.All(ReplicaLag.IsComplete);
}
