using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Deucalion.Common.IO;
using Deucalion.Common.Objects;

namespace Testing.Objects;

/// <summary>What an object store is asked to do; faults are injected by it.</summary>
public enum ObjectOperation
{
    Put,
    PutIf,
    Get,
    List,
    Delete,
}

/// <summary>An object store in memory. Operations can be made to fail before or after they took effect. Thread-safe.</summary>
public sealed class MemoryObjectStore(IDisk filesFrom, TimeProvider time) : IObjectStore
{
    private readonly object _gate = new();
    private readonly SortedDictionary<string, (byte[] Content, DateTimeOffset Modified)> _objects = new(StringComparer.Ordinal);

    /// <summary>The disk that files are stored from.</summary>
    public IDisk Files { get; set; } = filesFrom;

    /// <summary>Asked before each operation; true makes it fail without effect.</summary>
    public Func<ObjectOperation, string, bool>? FailBefore { get; set; }

    /// <summary>Asked after each operation; true makes it fail although it took effect: the caller cannot know.</summary>
    public Func<ObjectOperation, string, bool>? FailAfter { get; set; }

    /// <summary>Awaited before each conditional write, with its key: what is done meanwhile comes before it.</summary>
    public Func<string, Task>? BeforePutIf { get; set; }

    /// <summary>The keys, sorted.</summary>
    public IReadOnlyList<string> Keys
    {
        get
        {
            lock (_gate)
            {
                return [.. _objects.Keys];
            }
        }
    }

    public ValueTask PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Run(ObjectOperation.Put, key, () => _objects[key] = (content.ToArray(), time.GetUtcNow()), cancellationToken);
        return ValueTask.CompletedTask;
    }

    public ValueTask PutFileAsync(string key, string path, CancellationToken cancellationToken)
    {
        using var file = Files.OpenRead(path);
        var content = new byte[file.Length];
        file.Read(0, content);
        return PutAsync(key, content, cancellationToken);
    }

    public async ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> content, string? ifRevision, CancellationToken cancellationToken)
    {
        await (BeforePutIf?.Invoke(key) ?? Task.CompletedTask);
        return Run(
            ObjectOperation.PutIf,
            key,
            () =>
            {
                var current = _objects.TryGetValue(key, out var found) ? Revision(found.Content) : null;
                if (current != ifRevision)
                {
                    return null;
                }

                _objects[key] = (content.ToArray(), time.GetUtcNow());
                return Revision(content.Span);
            },
            cancellationToken);
    }

    public ValueTask<StoredObject?> GetAsync(string key, CancellationToken cancellationToken) => ValueTask.FromResult(Run(
        ObjectOperation.Get, key, () => _objects.TryGetValue(key, out var found) ? new StoredObject(found.Content, Revision(found.Content)) : null, cancellationToken));

    public ValueTask<int> GetRangeAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken) => ValueTask.FromResult(Run(
        ObjectOperation.Get,
        key,
        () =>
        {
            var content = _objects.TryGetValue(key, out var found) ? found.Content : throw new ObjectNotFoundException(key);
            var count = (int)Math.Clamp(content.Length - offset, 0, destination.Length);
            content.AsSpan((int)offset, count).CopyTo(destination.Span);
            return count;
        },
        cancellationToken));

    public async IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        var entries = Run(
            ObjectOperation.List,
            prefix,
            () => _objects.Where(x => x.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(x => new ObjectEntry(x.Key, x.Value.Content.Length, x.Value.Modified)).ToList(),
            cancellationToken);
        foreach (var entry in entries)
        {
            yield return entry;
        }
    }

    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        Run(ObjectOperation.Delete, key, () => _objects.Remove(key), cancellationToken);
        return ValueTask.CompletedTask;
    }

    public string? LocalPath(string key) => null;

    private static string Revision(ReadOnlySpan<byte> content) => Convert.ToHexString(SHA256.HashData(content));

    private T Run<T>(ObjectOperation operation, string key, Func<T> action, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (FailBefore?.Invoke(operation, key) == true)
            {
                throw new ObjectStoreException($"{operation} of {key} failed", null);
            }

            var result = action();
            return FailAfter?.Invoke(operation, key) == true ? throw new ObjectStoreException($"{operation} of {key} timed out", null) : result;
        }
    }
}
