using System.Text.Json;
using System.Text.Json.Serialization;

namespace Deucalion.Replication.Coordination;

/// <summary>Who holds a lease, and the how many-th holder it is.</summary>
internal sealed record LeaseDocument(
    [property: JsonPropertyName("owner")] string Owner,
    [property: JsonPropertyName("token")] long Token)
{
    public static byte[] Serialize(LeaseDocument document) => JsonSerializer.SerializeToUtf8Bytes(document);

    public static LeaseDocument Parse(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<LeaseDocument>(json) ?? throw new CoordinationException("a lease document is empty", null);
}
