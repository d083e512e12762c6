using System.Text.Json.Serialization;
using Deucalion.Replication.Membership;

namespace Deucalion.Replication.Coordinator.Wire;

/// <summary>Node to coordinator: who I am, what I know, what you may not know.</summary>
internal sealed record SyncQuestion
{
    [JsonPropertyName("record")]
    public required NodeRecord Record { get; init; }

    /// <summary>Position with the coordinator whose token is named; 0: everything is wanted.</summary>
    [JsonPropertyName("token")]
    public required long Token { get; init; }

    [JsonPropertyName("seq")]
    public required long Seq { get; init; }

    /// <summary>Whether all nodes are to be told, also if nothing changed about them.</summary>
    [JsonPropertyName("wantsNodes")]
    public bool WantsNodes { get; init; }

    [JsonPropertyName("entries")]
    public required IReadOnlyList<EntrySight> Entries { get; init; }

    /// <summary>Whether its replicas are open, so that it can be given something.</summary>
    [JsonPropertyName("serves")]
    public required bool Serves { get; init; }

    /// <summary>Whether it has no room on its disk: it should lead nothing then, and be given nothing.</summary>
    [JsonPropertyName("full")]
    public bool IsFull { get; init; }

    /// <summary>How far replicas are behind those primaries that are here; null: not told, as by versions before 0.3.</summary>
    [JsonPropertyName("lags")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PartitionLags>? Lags { get; init; }

    /// <summary>Milliseconds since a coordinator last answered it.</summary>
    [JsonPropertyName("silenceMs")]
    public long Silence { get; init; }
}

/// <summary>Node to coordinator: up to here I know what you told.</summary>
internal sealed record PushAnswer(
    [property: JsonPropertyName("token")] long Token,
    [property: JsonPropertyName("seq")] long Seq,
    [property: JsonPropertyName("lease")] long Lease);

/// <summary>Node to coordinator: reports of its replicas.</summary>
internal sealed record Reports([property: JsonPropertyName("reports")] IReadOnlyList<Report> Items);

/// <summary>One of them.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Term">Term that the replica knows of.</param>
/// <param name="AsksReplacement">True: the primary itself asks; false: an in-sync backup misses the primary.</param>
internal sealed record Report(
    [property: JsonPropertyName("partition")] int Partition,
    [property: JsonPropertyName("term")] long Term,
    [property: JsonPropertyName("asksReplacement")] bool AsksReplacement);

/// <summary>What an operator wants.</summary>
internal sealed record CommandCall
{
    [JsonPropertyName("kind")]
    public required CommandKind Kind { get; init; }

    [JsonPropertyName("node")]
    public string? Node { get; init; }

    [JsonPropertyName("to")]
    public string? To { get; init; }

    [JsonPropertyName("partition")]
    public int? Partition { get; init; }

    [JsonPropertyName("rf")]
    public int? ReplicationFactor { get; init; }

    [JsonPropertyName("minInSync")]
    public int? MinInSync { get; init; }
}

/// <summary>Any node to the one whose replica is to lead.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="AcceptsLoss">Whether to go on though members that hold everything are alive.</param>
internal sealed record ForceElectCall(
    [property: JsonPropertyName("partition")] int Partition,
    [property: JsonPropertyName("acceptsLoss")] bool AcceptsLoss);
