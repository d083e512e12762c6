using System.Collections.Concurrent;

namespace Deucalion.Replication.Coordination.Bucket;

/// <summary>
/// The documents: each is an object. Object stores cannot delete on a condition, so a deletion writes a tombstone, which reads and listings pass over and
/// which is removed once it is old. Thread-safe.
/// </summary>
internal sealed class BucketDocuments(BucketObjects objects, BucketStoreOptions options, TimeProvider time)
{
    private const string Suffix = ".doc";
    private const int ReadsAtOnce = 16;
    private const int MostTries = 5;

    // A creation may write upon a tombstone only while no clock that differs by half an hour can call it old enough to be removed.
    private static readonly TimeSpan RemovalDelay = TimeSpan.FromHours(1);
    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(30);

    /// <summary>Key in the bucket.</summary>
    public string ObjectKey(string key) => options.Prefix + key + Suffix;

    /// <summary>Key of the document that the object is, or null where it is none.</summary>
    public string? KeyOf(string objectKey) => objectKey.StartsWith(options.Prefix, StringComparison.Ordinal) && objectKey.EndsWith(Suffix, StringComparison.Ordinal)
        ? objectKey[options.Prefix.Length..^Suffix.Length]
        : null;

    /// <summary>The document, or null.</summary>
    public async ValueTask<CoordinationEntry?> GetAsync(string key, CancellationToken cancellationToken) => Entry(key, await objects.GetAsync(ObjectKey(key), cancellationToken));

    /// <summary>The document without a request if it is known to be the one of that revision in the bucket.</summary>
    public bool TryGetKnown(string key, string tag, out CoordinationEntry? entry)
    {
        var known = objects.Known(ObjectKey(key), tag);
        entry = Entry(key, known);
        return known is not null;
    }

    /// <summary>Whether the object of that revision in the bucket is known to be a tombstone.</summary>
    public bool IsKnownTombstone(string key, string tag) => objects.Known(ObjectKey(key), tag) is { Document.IsTombstone: true };

    /// <summary>As <see cref="ICoordinationStore.PutIfAsync"/>.</summary>
    public async ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> value, string? ifRevision, CancellationToken cancellationToken)
    {
        var objectKey = ObjectKey(key);
        if (ifRevision is not null)
        {
            var replaced = BucketRevision.Parse(ifRevision);
            return (await objects.PutAsync(objectKey, BucketDocument.Of(value, objects.HistoryOver(objectKey, replaced)), replaced.Tag, cancellationToken))?.ToString();
        }

        BucketObject? tombstone = null;
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            var document = BucketDocument.Of(value, tombstone?.Document.HistoryOfNext() ?? []);
            if (await objects.PutAsync(objectKey, document, tombstone?.Tag, cancellationToken) is { } written)
            {
                return written.ToString();
            }

            var found = await objects.GetAsync(objectKey, cancellationToken);
            if (found is { Document.IsTombstone: false })
            {
                return null;
            }

            tombstone = found is null ? null : await UsableAsync(objectKey, found, cancellationToken) ? found : null;
        }

        throw new CoordinationException($"coordination store: {key} is created and deleted again and again; try later", null);
    }

    /// <summary>As <see cref="ICoordinationStore.DeleteIfAsync"/>.</summary>
    public async ValueTask<bool> DeleteIfAsync(string key, string ifRevision, CancellationToken cancellationToken)
    {
        var objectKey = ObjectKey(key);
        var replaced = BucketRevision.Parse(ifRevision);
        var tombstone = BucketDocument.Tombstone(time.GetUtcNow(), objects.HistoryOver(objectKey, replaced));
        return await objects.PutAsync(objectKey, tombstone, replaced.Tag, cancellationToken) is not null;
    }

    /// <summary>As <see cref="ICoordinationStore.ListAsync"/>: one listing, and a read for each document that has changed since it was last read.</summary>
    public async ValueTask<IReadOnlyList<CoordinationEntry>> ListAsync(string prefix, CancellationToken cancellationToken) =>
        await ReadAsync(await objects.ListAsync(options.Prefix + prefix, cancellationToken), prefix, cancellationToken);

    /// <summary>The documents with a prefix that a listing shows, in order of keys: those that have changed since they were last read are read.</summary>
    public async ValueTask<IReadOnlyList<CoordinationEntry>> ReadAsync(IReadOnlyDictionary<string, string> tags, string prefix, CancellationToken cancellationToken)
    {
        var found = new ConcurrentBag<CoordinationEntry>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(tags, parallel, async (item, token) =>
        {
            if (KeyOf(item.Key) is { } key && key.StartsWith(prefix, StringComparison.Ordinal))
            {
                if (!TryGetKnown(key, item.Value, out var entry))
                {
                    entry = await GetAsync(key, token);
                }

                if (entry is not null)
                {
                    found.Add(entry);
                }
            }
        });
        return [.. found.OrderBy(static entry => entry.Key, StringComparer.Ordinal)];
    }

    /// <summary>Removes tombstones among these objects that are known and old.</summary>
    public async ValueTask SweepAsync(IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
    {
        foreach (var (objectKey, tag) in tags)
        {
            if (objects.Known(objectKey, tag) is { Document: { IsTombstone: true } tombstone } && time.GetUtcNow() - tombstone.DeletedAt > options.KeepTombstones + RemovalDelay)
            {
                await objects.DeleteAsync(objectKey, cancellationToken);
            }
        }
    }

    private static CoordinationEntry? Entry(string key, BucketObject? found) =>
        found is null or { Document.IsTombstone: true } ? null : new CoordinationEntry(key, found.Document.Value, found.Revision.ToString());

    // Whether a creation may take the tombstone's place. An old one is removed instead, and the creation tried anew.
    private async ValueTask<bool> UsableAsync(string objectKey, BucketObject tombstone, CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() - tombstone.Document.DeletedAt < options.KeepTombstones + RemovalDelay - ClockDifference)
        {
            return true;
        }

        await objects.DeleteAsync(objectKey, cancellationToken);
        return false;
    }
}
