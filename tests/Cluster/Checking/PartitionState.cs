using System.Text.Json;

namespace Deucalion.Cluster.Checking;

/// <summary>A partition as one node shows it in <c>/api/v1/cluster/partitions</c>: its place in the table, and the replica on that node.</summary>
/// <param name="Partition">Its number.</param>
/// <param name="Term">Its term.</param>
/// <param name="Version">Version of its entry.</param>
/// <param name="ReplicationFactor">Replicas that it is to have.</param>
/// <param name="MinInSync">Replicas that it is to have in sync at least, to take writes.</param>
/// <param name="Primary">Node of the primary.</param>
/// <param name="InSync">Nodes of the in-sync replicas.</param>
/// <param name="Learners">Nodes of the replicas that catch up.</param>
/// <param name="Replica">What the node that answers has of it; null for nothing.</param>
internal sealed record PartitionState(
    int Partition, long Term, long Version, int ReplicationFactor, int MinInSync, string Primary, IReadOnlyList<string> InSync, IReadOnlyList<string> Learners, ReplicaState? Replica)
{
    public static IReadOnlyList<PartitionState> ParseAll(JsonElement data) => [.. data.EnumerateArray().Select(Parse)];

    private static PartitionState Parse(JsonElement element) => new(
        element.GetProperty("partition").GetInt32(),
        element.GetProperty("term").GetInt64(),
        element.GetProperty("version").GetInt64(),
        element.GetProperty("wantedReplicationFactor").GetInt32(),
        element.GetProperty("wantedMinInSync").GetInt32(),
        element.GetProperty("primary").GetString()!,
        Nodes(element.GetProperty("inSync")),
        Nodes(element.GetProperty("learners")),
        element.TryGetProperty("replica", out var replica) && replica.ValueKind == JsonValueKind.Object ? ReplicaState.Parse(replica) : null);

    private static List<string> Nodes(JsonElement nodes) => [.. nodes.EnumerateArray().Select(static n => n.GetString()!)];
}

/// <summary>The replica of a partition on the node that answers.</summary>
/// <param name="Role">primary, backup or learner.</param>
/// <param name="Term">Term of the last applied record.</param>
/// <param name="Seq">Seq of the last applied record.</param>
/// <param name="Crc">Checksum of the last applied record.</param>
/// <param name="Digest">Digest of everything the heads hold at that record; empty where it was not asked for.</param>
internal sealed record ReplicaState(string Role, long Term, long Seq, string Crc, string Digest)
{
    public static ReplicaState Parse(JsonElement element) => new(
        element.GetProperty("role").GetString()!,
        element.GetProperty("term").GetInt64(),
        element.GetProperty("seq").GetInt64(),
        element.GetProperty("crc").GetString()!,
        element.TryGetProperty("digest", out var digest) ? digest.GetString()! : string.Empty);
}
