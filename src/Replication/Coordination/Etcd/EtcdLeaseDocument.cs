using System.Text.Json;
using Deucalion.Replication.Coordination.Etcd.Messages;
using Google.Protobuf;

namespace Deucalion.Replication.Coordination.Etcd;

/// <summary>Value of a lease's key, <c>{"owner"}</c>: the token is the key's create revision, which only etcd knows.</summary>
internal static class EtcdLeaseDocument
{
    private const string Owner = "owner";

    public static ByteString Serialize(string owner) => ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { [Owner] = owner }));

    public static string OwnerOf(KeyValue pair)
    {
        try
        {
            using var document = JsonDocument.Parse(pair.Value.Memory);
            return document.RootElement.GetProperty(Owner).GetString() ?? throw new InvalidOperationException("it has no owner");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CoordinationException($"{pair.Key.ToStringUtf8()} is no lease: {exception.Message}", exception);
        }
    }
}
