using System.Text.Json;
using System.Text.Json.Serialization;

namespace Deucalion.Replication.Coordination;

/// <summary>Who holds a lease, or held it last, and the how many-th holder that is.</summary>
internal sealed record LeaseDocument(
    [property: JsonPropertyName("owner")] string Owner,
    [property: JsonPropertyName("token")] long Token)
{
    /// <summary>The session under which it is held, where the store has sessions; null once it was released.</summary>
    [JsonPropertyName("session")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Session { get; init; }

    public static string KeyOf(string name) => "leases/" + name;

    public byte[] Serialize() => JsonSerializer.SerializeToUtf8Bytes(this);

    public static LeaseDocument Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<LeaseDocument>(json) ?? throw new CoordinationException("a lease document is empty", null);
        }
        catch (JsonException e)
        {
            throw new CoordinationException($"a lease document cannot be read: {e.Message}", e);
        }
    }
}
