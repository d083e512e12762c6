using System.Text.Json.Serialization;
using Deucalion.Replication.Membership;

namespace Deucalion.Replication.Coordinator;

/// <summary>A node, for a page.</summary>
public sealed record NodeStatus
{
    /// <summary>What it says of itself, with the state it is in.</summary>
    [JsonPropertyName("record")]
    public required NodeRecord Record { get; init; }

    /// <summary>Whether its lease is there.</summary>
    [JsonPropertyName("alive")]
    public required bool IsAlive { get; init; }

    /// <summary>How long it has been alive, or dead, as far as the coordinator saw; seconds.</summary>
    [JsonPropertyName("forSeconds")]
    public required double ForSeconds { get; init; }

    /// <summary>Whether it knows the newest view; others wait for it before they become active.</summary>
    [JsonPropertyName("informed")]
    public required bool IsInformed { get; init; }

    /// <summary>Partitions that it leads.</summary>
    [JsonPropertyName("primaries")]
    public required int Primaries { get; init; }

    /// <summary>Replicas that it has, learners too.</summary>
    [JsonPropertyName("replicas")]
    public required int Replicas { get; init; }

    /// <summary>Replicas that are catching up.</summary>
    [JsonPropertyName("learners")]
    public required int Learners { get; init; }

    internal static bool IsComplete(NodeStatus? status) => status?.Record?.IsComplete() == true;
}
