using System.Text.Json.Serialization;

namespace Deucalion.Replication.Coordinator;

/// <summary>The cluster in numbers.</summary>
public sealed record ClusterStatus
{
    /// <summary>Node that coordinates; null: none is known.</summary>
    [JsonPropertyName("coordinator")]
    public required string? Coordinator { get; init; }

    /// <summary>Whether the coordinator says so; false: it cannot be reached, and this is what the asked node knows.</summary>
    [JsonPropertyName("fromCoordinator")]
    public required bool FromCoordinator { get; init; }

    /// <summary>When the leases were last read.</summary>
    [JsonPropertyName("readAt")]
    public required DateTimeOffset ReadAt { get; init; }

    /// <summary>Whether nothing is changed because the coordination store cannot be reached.</summary>
    [JsonPropertyName("frozen")]
    public required bool IsFrozen { get; init; }

    /// <summary>Replicas that new partitions get.</summary>
    [JsonPropertyName("replicationFactor")]
    public required int ReplicationFactor { get; init; }

    /// <summary>Of which so many have to be in sync.</summary>
    [JsonPropertyName("minInSync")]
    public required int MinInSync { get; init; }

    /// <summary>Nodes alive that are not known to all yet.</summary>
    [JsonPropertyName("joiningNodes")]
    public required int JoiningNodes { get; init; }

    /// <summary>Nodes alive that take part.</summary>
    [JsonPropertyName("activeNodes")]
    public required int ActiveNodes { get; init; }

    /// <summary>Nodes alive that are being emptied, or are empty.</summary>
    [JsonPropertyName("leavingNodes")]
    public required int LeavingNodes { get; init; }

    /// <summary>Nodes whose lease is gone.</summary>
    [JsonPropertyName("deadNodes")]
    public required int DeadNodes { get; init; }

    /// <summary>Partitions with all their replicas.</summary>
    [JsonPropertyName("healthy")]
    public required int Healthy { get; init; }

    /// <summary>Partitions that lack replicas.</summary>
    [JsonPropertyName("underReplicated")]
    public required int UnderReplicated { get; init; }

    /// <summary>Partitions whose primary is dead.</summary>
    [JsonPropertyName("withoutPrimary")]
    public required int WithoutPrimary { get; init; }

    /// <summary>Replicas that are catching up.</summary>
    [JsonPropertyName("movesUnderWay")]
    public required int MovesUnderWay { get; init; }

    /// <summary>Partitions whose replicas or primary are not yet where they are to be.</summary>
    [JsonPropertyName("unsettled")]
    public required int Unsettled { get; init; }
}
