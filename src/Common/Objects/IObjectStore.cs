using System.Runtime.CompilerServices;

namespace Deucalion.Common.Objects;

/// <summary>
/// A bucket: flat keys with <c>/</c> between segments, whole objects, conditional writes. Every returned success is durable.
/// Thread-safe. Failures are <see cref="ObjectStoreException"/>.
/// </summary>
public interface IObjectStore
{
    /// <summary>Stores an object, replacing any of that key.</summary>
    ValueTask PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Stores a local file as an object; the file stays.</summary>
    ValueTask PutFileAsync(string key, string path, CancellationToken cancellationToken);

    /// <summary>
    /// Stores an object only if its current revision is <paramref name="ifRevision"/> (null: only if absent). Returns the new revision, or null
    /// where the condition does not hold. An exception leaves the outcome unknown: read back.
    /// </summary>
    ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> content, string? ifRevision, CancellationToken cancellationToken);

    /// <summary>The object with its revision, or null.</summary>
    ValueTask<StoredObject?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>Bytes [offset, offset + destination.Length) of an object; returns how many there were. A missing object is <see cref="ObjectNotFoundException"/>.</summary>
    ValueTask<int> GetRangeAsync(string key, long offset, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>Keys with the prefix, in byte order, with lengths.</summary>
    IAsyncEnumerable<ObjectEntry> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>
    /// Keys with the prefix, in byte order, with the revisions of their objects. One request for many objects where the service lists revisions; by default
    /// every object is read, so the prefix should be one of small objects.
    /// </summary>
    async IAsyncEnumerable<ObjectRevision> ListRevisionsAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in ListAsync(prefix, cancellationToken))
        {
            if (await GetAsync(entry.Key, cancellationToken) is { } stored)
            {
                yield return new ObjectRevision(entry.Key, stored.Revision);
            }
        }
    }

    /// <summary>
    /// Names of the first segments below a prefix (empty, or ending with a slash) that have keys below them, in byte order. One request for many keys where the
    /// service groups them; by default all keys are listed.
    /// </summary>
    async IAsyncEnumerable<string> ListFoldersAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? last = null;
        await foreach (var entry in ListAsync(prefix, cancellationToken))
        {
            var slash = entry.Key.IndexOf('/', prefix.Length);
            if (slash > 0 && entry.Key[prefix.Length..slash] is var name && name != last)
            {
                last = name;
                yield return name;
            }
        }
    }

    /// <summary>Deletes an object; no error where it is absent.</summary>
    ValueTask DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>A local path under which the object can be mapped into memory, where the store is a local directory; else null.</summary>
    string? LocalPath(string key);
}

/// <summary>An object's content and revision.</summary>
public sealed record StoredObject(ReadOnlyMemory<byte> Content, string Revision);

/// <summary>An entry of a listing.</summary>
public readonly record struct ObjectEntry(string Key, long Length, DateTimeOffset LastModified);

/// <summary>An object and its revision, in a listing.</summary>
public readonly record struct ObjectRevision(string Key, string Revision);

/// <summary>The store failed or could not be reached.</summary>
public class ObjectStoreException(string message, Exception? inner) : IOException(message, inner);

/// <summary>The store could not be reached, or failed in a way that may pass by itself; it says nothing about what is in it.</summary>
public sealed class ObjectStoreUnavailableException(string message, Exception? inner) : ObjectStoreException(message, inner);

/// <summary>The object does not exist.</summary>
public sealed class ObjectNotFoundException(string key) : ObjectStoreException($"object {key} does not exist", null);
