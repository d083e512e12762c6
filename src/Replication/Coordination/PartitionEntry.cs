using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Deucalion.Common.Identifiers;

namespace Deucalion.Replication.Coordination;

/// <summary>A replica's log: the node it lies on and the incarnation of the log there (32 hexadecimal digits each).</summary>
public sealed record ReplicaRef(
    [property: JsonPropertyName("node")] string Node,
    [property: JsonPropertyName("incarnation")] string Incarnation);

/// <summary>
/// Entry of a partition in the partition table, document <c>partitions/&lt;id&gt;</c>. Every change is one compare-and-swap that raises
/// <see cref="Version"/>; <see cref="Term"/> rises when the primary changes or restarts.
/// </summary>
public sealed record PartitionEntry
{
    /// <summary>Who may append now: no record is ever appended in a term that its writer found here, only in one it wrote.</summary>
    [JsonPropertyName("term")]
    public required long Term { get; init; }

    /// <summary>Counts the changes.</summary>
    [JsonPropertyName("version")]
    public required long Version { get; init; }

    /// <summary>Wanted number of replicas.</summary>
    [JsonPropertyName("rf")]
    public required int ReplicationFactor { get; init; }

    /// <summary>In-sync members are never reduced below this number.</summary>
    [JsonPropertyName("minInSync")]
    public required int MinInSync { get; init; }

    /// <summary>Node of the primary.</summary>
    [JsonPropertyName("primary")]
    public required string Primary { get; init; }

    /// <summary>Replicas that hold every acknowledged record.</summary>
    [JsonPropertyName("inSync")]
    public required IReadOnlyList<ReplicaRef> InSync { get; init; }

    /// <summary>Replicas that are catching up.</summary>
    [JsonPropertyName("learners")]
    public required IReadOnlyList<ReplicaRef> Learners { get; init; }

    /// <summary>Who wrote this version: with <see cref="Counter"/> tells a writer whose outcome is unknown whether it was its own.</summary>
    [JsonPropertyName("writerId")]
    public required string WriterId { get; init; }

    /// <summary>Number of the write by this writer.</summary>
    [JsonPropertyName("counter")]
    public required long Counter { get; init; }

    /// <summary>What the keys of all entries begin with.</summary>
    public const string KeyPrefix = "partitions/";

    /// <summary>Key of a partition's entry.</summary>
    public static string KeyOf(PartitionId partition) => $"{KeyPrefix}{partition}";

    /// <summary>The document.</summary>
    public byte[] Serialize() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>
    /// The document in place of another: what a later version added there, to the entry or to replicas that stay, is kept.
    /// </summary>
    public byte[] SerializeOver(ReadOnlySpan<byte> replaced)
    {
        if (JsonNode.Parse(replaced) is not JsonObject before)
        {
            return Serialize();
        }

        var document = JsonSerializer.SerializeToNode(this)!.AsObject();
        var replicas = Replicas(before).ToLookup(static replica => IdentityOf(replica));
        foreach (var replica in Replicas(document))
        {
            foreach (var same in replicas[IdentityOf(replica)])
            {
                Add(replica, same);
            }
        }

        Add(document, before);
        return JsonSerializer.SerializeToUtf8Bytes(document);
    }

    /// <summary>Reads a document; fields that are not known are passed over. <see cref="CoordinationException"/> where it is none.</summary>
    public static PartitionEntry Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var entry = JsonSerializer.Deserialize<PartitionEntry>(json);
            return entry is { InSync: not null, Learners: not null, Primary: not null, Term: > 0 }
                ? entry
                : throw new CoordinationException("the entry of a partition lacks a field", null);
        }
        catch (JsonException exception)
        {
            throw new CoordinationException($"the entry of a partition is no valid document: {exception.Message}", exception);
        }
    }

    private static IEnumerable<JsonObject> Replicas(JsonObject entry) =>
        new[] { "inSync", "learners" }.SelectMany(field => entry[field] as JsonArray ?? []).OfType<JsonObject>();

    private static (string? Node, string? Incarnation) IdentityOf(JsonObject replica) => ((string?)replica["node"], (string?)replica["incarnation"]);

    private static void Add(JsonObject document, JsonObject before)
    {
        foreach (var (name, value) in before)
        {
            if (!document.ContainsKey(name))
            {
                document[name] = value?.DeepClone();
            }
        }
    }
}
