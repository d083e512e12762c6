using System.Text.Json.Serialization;

namespace Deucalion.Replication.Membership;

/// <summary>What a coordinator tells a node of the cluster: all that changed between two of its numbers.</summary>
internal sealed record ViewUpdate
{
    /// <summary>Node that coordinates.</summary>
    [JsonPropertyName("coordinator")]
    public required string Coordinator { get; init; }

    /// <summary>Fencing token of its lease: what an earlier coordinator says does not count any more.</summary>
    [JsonPropertyName("token")]
    public required long Token { get; init; }

    /// <summary>Changes after this number; 0: all there is.</summary>
    [JsonPropertyName("since")]
    public required long Since { get; init; }

    /// <summary>Up to this number.</summary>
    [JsonPropertyName("seq")]
    public required long Seq { get; init; }

    /// <summary>All nodes, dead ones too; null: nothing changed about them.</summary>
    [JsonPropertyName("nodes")]
    public IReadOnlyList<NodeSight>? Nodes { get; init; }

    /// <summary>Entries that changed.</summary>
    [JsonPropertyName("entries")]
    public required IReadOnlyList<EntrySight> Entries { get; init; }

    /// <summary>
    /// In an answer: milliseconds from the last reading of the leases to the arrival of the question. Whoever counts back from the time it asked never takes
    /// the answer for newer than it is. Negative: read since.
    /// </summary>
    [JsonPropertyName("readBeforeMs")]
    public long ReadBefore { get; init; }
}
