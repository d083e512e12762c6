using Deucalion.Common.Objects;

namespace Deucalion.Storage.Tests.Blocks;

/// <summary>A local bucket that hides that it is one.</summary>
internal sealed class RemoteStore(IObjectStore inner) : IObjectStore
{
    public ValueTask PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        inner.PutAsync(key, content, cancellationToken);

    public ValueTask PutFileAsync(string key, string path, CancellationToken cancellationToken) =>
        inner.PutFileAsync(key, path, cancellationToken);

    public ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> content, string? ifRevision, CancellationToken cancellationToken) =>
        inner.PutIfAsync(key, content, ifRevision, cancellationToken);

    public ValueTask<StoredObject?> GetAsync(string key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

    public ValueTask<int> GetRangeAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        inner.GetRangeAsync(key, offset, destination, cancellationToken);

    public IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, CancellationToken cancellationToken) =>
        inner.ListAsync(prefix, cancellationToken);

    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);

    public string? LocalPath(string key) => null;
}
