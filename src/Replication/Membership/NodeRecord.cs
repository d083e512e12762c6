using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Transport;

namespace Deucalion.Replication.Membership;

/// <summary>
/// What a node says of itself, document <c>nodes/&lt;id&gt;</c> (docs/formats/coordination.md). It tells nothing of whether the node is alive: that
/// its lease does.
/// </summary>
/// <param name="Id">Node id, 32 hexadecimal digits.</param>
/// <param name="Address">Where it takes internal calls, <c>host:port</c>.</param>
/// <param name="HttpAddress">Where it takes requests of clients, <c>host:port</c>.</param>
/// <param name="Zone">What fails together with it: a rack, a datacenter.</param>
/// <param name="Roles">What it does: <c>ingester</c>, <c>querier</c>, ...</param>
/// <param name="State">Where it stands in the cluster.</param>
/// <param name="Protocol">Highest version of the protocol between nodes that it speaks.</param>
/// <param name="Version">Version of its program.</param>
public sealed record NodeRecord(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("address")] string Address,
    [property: JsonPropertyName("httpAddress")] string HttpAddress,
    [property: JsonPropertyName("zone")] string Zone,
    [property: JsonPropertyName("roles")] IReadOnlyList<string> Roles,
    [property: JsonPropertyName("state")] NodeState State,
    [property: JsonPropertyName("protocol")] int Protocol,
    [property: JsonPropertyName("version")] string Version)
{
    /// <summary>The role of nodes that hold partitions.</summary>
    public const string Ingester = "ingester";

    /// <summary>Keys of all records.</summary>
    public const string KeyPrefix = "nodes/";

    /// <summary>Fencing token of the lease under which the record was written: one of an earlier lease tells of an earlier process.</summary>
    [JsonPropertyName("lease")]
    public long Lease { get; init; }

    /// <summary>Lowest version of the protocol between nodes that it speaks; records without it are of programs that speak 1 alone.</summary>
    [JsonPropertyName("oldestProtocol")]
    public int OldestProtocol { get; init; } = 1;

    /// <summary>What a later version says of itself besides: a coordinator that does not know it tells it to others all the same.</summary>
    [JsonInclude]
    [JsonExtensionData]
    internal Dictionary<string, JsonElement>? Unknown { get; init; }

    /// <summary>Whether it holds partitions.</summary>
    [JsonIgnore]
    public bool IsIngester => Roles.Contains(Ingester);

    /// <summary>Key of a node's record, and name of its lease.</summary>
    public static string KeyOf(string id) => KeyPrefix + id;

    /// <summary>The document.</summary>
    public byte[] Serialize() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>Reads a document; fields that are not known are passed over. <see cref="CoordinationException"/> where it is none.</summary>
    public static NodeRecord Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<NodeRecord>(json) is { } record && record.IsComplete()
                ? record
                : throw new CoordinationException("the record of a node lacks a field", null);
        }
        catch (JsonException exception)
        {
            throw new CoordinationException($"the record of a node is no valid document: {exception.Message}", exception);
        }
    }

    /// <summary>The same document with another state; fields that are not known stay.</summary>
    internal static byte[] WithState(ReadOnlySpan<byte> json, NodeState state)
    {
        Parse(json);
        var document = JsonNode.Parse(json)!.AsObject();
        document["state"] = JsonSerializer.SerializeToNode(state);
        return JsonSerializer.SerializeToUtf8Bytes(document);
    }

    /// <summary>Whether what came from outside is a record.</summary>
    internal bool IsComplete() =>
        ReplicaProtocol.TryParse(Id, out _) && !string.IsNullOrEmpty(Address) && HttpAddress is not null && Zone is not null && Version is not null
        && Roles is not null && Roles.All(static role => role is not null);
}
