using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Deucalion.Common.Objects;

namespace Deucalion.Replication.Coordination;

/// <summary>
/// Nodes that agree through one store have to ship into one bucket: what a node ships elsewhere the others do not find. The bucket holds a random id, and the coordination
/// store names it; a node compares both once, at its start.
/// </summary>
public sealed class SharedBucket(ICoordinationStore store, IObjectStore bucket)
{
    /// <summary>The object with the id: 32 hexadecimal digits and a line feed. No tenant can have its name, so nobody takes it for one.</summary>
    public const string ObjectKey = "deucalion~bucket-id";

    /// <summary>The document that names the id of the cluster's bucket.</summary>
    public const string DocumentKey = "cluster/bucket";

    /// <summary>The id by which the cluster knows its bucket.</summary>
    /// <exception cref="WrongBucketException">The bucket is not that of the cluster.</exception>
    /// <exception cref="ObjectStoreException">The bucket cannot be reached; nothing is known.</exception>
    /// <exception cref="CoordinationException">The coordination store cannot be reached.</exception>
    public async Task<string> RequireAsync(CancellationToken cancellationToken)
    {
        if (await ExpectedAsync(cancellationToken) is { } known)
        {
            return Same(known, await FoundAsync(cancellationToken));
        }

        var found = await FoundAsync(cancellationToken);
        while (found is null)
        {
            // Several nodes may do this at once: one id comes to be, and all read it.
            await bucket.PutIfAsync(ObjectKey, Encoding.ASCII.GetBytes(NodeIdentity.NewId() + "\n"), null, cancellationToken);
            found = await FoundAsync(cancellationToken);
        }

        await store.PutIfAsync(DocumentKey, JsonSerializer.SerializeToUtf8Bytes(new Document(found)), null, cancellationToken);
        return Same(await ExpectedAsync(cancellationToken) ?? throw new CoordinationException($"{DocumentKey} was just written and is not there", null), found);
    }

    private static string Same(string expected, string? found) => found == expected ? expected : throw new WrongBucketException(expected, found);

    private async Task<string?> ExpectedAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await store.GetAsync(DocumentKey, cancellationToken) is { } document ? JsonSerializer.Deserialize<Document>(document.Value.Span)?.Id : null;
        }
        catch (JsonException exception)
        {
            throw new CoordinationException($"{DocumentKey} is no valid document: {exception.Message}", exception);
        }
    }

    private async Task<string?> FoundAsync(CancellationToken cancellationToken) =>
        await bucket.GetAsync(ObjectKey, cancellationToken) is { } stored ? Encoding.UTF8.GetString(stored.Content.Span).Trim() : null;

    private sealed record Document([property: JsonPropertyName("id")] string Id);
}

/// <summary>The bucket of this node is not that of the cluster.</summary>
public sealed class WrongBucketException(string expected, string? found) : IOException(
    $"the bucket of this node (bucket.*) is not that of the cluster that it would be in (coordination.*): the cluster's has the id {expected} in its object {SharedBucket.ObjectKey}, this one {found ?? "none"}. "
    + "Name one bucket for all nodes, or another coordination store. If the cluster's bucket was emptied or replaced knowingly, remove the document "
    + $"{SharedBucket.DocumentKey} from the coordination store, and start a node over the new bucket first");
