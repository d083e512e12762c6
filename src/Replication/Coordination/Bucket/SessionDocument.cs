using System.Text.Json;
using System.Text.Json.Serialization;

namespace Deucalion.Replication.Coordination.Bucket;

/// <summary>A process that holds leases: it rewrites this document with a rising counter as long as it lives.</summary>
/// <param name="Counter">How often it was renewed.</param>
/// <param name="TimeToLive">Milliseconds without renewal after which others may end it.</param>
/// <param name="Ended">Whether others have ended it.</param>
internal sealed record SessionDocument(
    [property: JsonPropertyName("counter")] long Counter,
    [property: JsonPropertyName("ttl")] long TimeToLive,
    [property: JsonPropertyName("ended")] bool Ended)
{
    public byte[] Serialize() => JsonSerializer.SerializeToUtf8Bytes(this);

    public static SessionDocument Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<SessionDocument>(json) ?? throw new CoordinationException("a session document is empty", null);
        }
        catch (JsonException e)
        {
            throw new CoordinationException($"a session document cannot be read: {e.Message}", e);
        }
    }
}
