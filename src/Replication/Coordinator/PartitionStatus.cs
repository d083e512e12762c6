using System.Text.Json.Serialization;

namespace Deucalion.Replication.Coordinator;

/// <summary>A partition, for a page.</summary>
public sealed record PartitionStatus
{
    /// <summary>Number of the partition.</summary>
    [JsonPropertyName("partition")]
    public required int Partition { get; init; }

    /// <summary>How it is.</summary>
    [JsonPropertyName("state")]
    public required PartitionHealth State { get; init; }

    /// <summary>Its term.</summary>
    [JsonPropertyName("term")]
    public required long Term { get; init; }

    /// <summary>Version of its entry.</summary>
    [JsonPropertyName("version")]
    public required long Version { get; init; }

    /// <summary>Replicas that it has by its entry.</summary>
    [JsonPropertyName("replicationFactor")]
    public required int ReplicationFactor { get; init; }

    /// <summary>Replicas that have to be in sync, by its entry.</summary>
    [JsonPropertyName("minInSync")]
    public required int MinInSync { get; init; }

    /// <summary>Replicas that it is to have.</summary>
    [JsonPropertyName("wantedReplicationFactor")]
    public required int WantedReplicationFactor { get; init; }

    /// <summary>Replicas that are to be in sync.</summary>
    [JsonPropertyName("wantedMinInSync")]
    public required int WantedMinInSync { get; init; }

    /// <summary>Node of the primary.</summary>
    [JsonPropertyName("primary")]
    public required string Primary { get; init; }

    /// <summary>Nodes of replicas that hold everything acknowledged.</summary>
    [JsonPropertyName("inSync")]
    public required IReadOnlyList<string> InSync { get; init; }

    /// <summary>Nodes of replicas that are catching up or away.</summary>
    [JsonPropertyName("learners")]
    public required IReadOnlyList<string> Learners { get; init; }

    /// <summary>What is being done about it; null: nothing.</summary>
    [JsonPropertyName("step")]
    public required string? Step { get; init; }

    /// <summary>How far its other replicas are behind the primary; null: not known, as where the coordinator or the primary is of a version before 0.3.</summary>
    [JsonPropertyName("lags")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ReplicaLag>? Lags { get; init; }

    internal static bool IsComplete(PartitionStatus? status) =>
        status is { Primary: not null, InSync: not null, Learners: not null }
        && status.Lags?.All(ReplicaLag.IsComplete) != false
        && status.InSync.Concat(status.Learners).All(static node => node is not null);
}
