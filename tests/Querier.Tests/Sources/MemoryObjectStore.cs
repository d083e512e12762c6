using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Deucalion.Common.Objects;

namespace Deucalion.Querier.Tests.Sources;

/// <summary>A bucket in memory, read by ranges.</summary>
internal sealed class MemoryObjectStore : IObjectStore
{
    private readonly ConcurrentDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);

    public ValueTask PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        _objects[key] = content.ToArray();
        return default;
    }

    public async ValueTask PutFileAsync(string key, string path, CancellationToken cancellationToken) =>
        _objects[key] = await File.ReadAllBytesAsync(path, cancellationToken);

    public ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> content, string? ifRevision, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<StoredObject?> GetAsync(string key, CancellationToken cancellationToken) =>
        new(_objects.TryGetValue(key, out var content) ? new StoredObject(content, "1") : null);

    public ValueTask<int> GetRangeAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (!_objects.TryGetValue(key, out var content))
        {
            throw new ObjectNotFoundException(key);
        }

        var length = (int)Math.Clamp(content.Length - offset, 0, destination.Length);
        content.AsMemory((int)Math.Min(offset, content.Length), length).CopyTo(destination);
        return new(length);
    }

    public async IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var (key, content) in _objects.Where(o => o.Key.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(o => o.Key, StringComparer.Ordinal))
        {
            yield return new ObjectEntry(key, content.Length, default);
        }
    }

    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        _objects.TryRemove(key, out _);
        return default;
    }

    public void DeletePrefix(string prefix)
    {
        foreach (var key in _objects.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)))
        {
            _objects.TryRemove(key, out _);
        }
    }

    public string? LocalPath(string key) => null;
}
