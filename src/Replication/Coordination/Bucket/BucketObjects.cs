using System.Collections.Concurrent;
using Deucalion.Common.Objects;

namespace Deucalion.Replication.Coordination.Bucket;

/// <summary>An object as it was read: what is in it and its revision.</summary>
internal sealed record BucketObject(BucketDocument Document, string Tag)
{
    public BucketRevision Revision => new(Document.Name, Tag);
}

/// <summary>
/// Reads and conditionally writes single objects, keyed as in the bucket. Contents that were read are remembered by their revision, so that a listing shows
/// which have to be read again. A write that got no answer is followed up: read back, and sent again while what it is bound to is still there, until it is
/// known what became of it. Thread-safe. Failures are <see cref="CoordinationException"/>.
/// </summary>
internal sealed class BucketObjects(IObjectStore store)
{
    private const int MostFollowUps = 3;

    private readonly ConcurrentDictionary<string, BucketObject> _known = new();

    /// <summary>What was last read or written under the key, if it has this revision in the bucket.</summary>
    public BucketObject? Known(string key, string tag) => _known.TryGetValue(key, out var known) && known.Tag == tag ? known : null;

    /// <summary>Reads the object, or null.</summary>
    public async ValueTask<BucketObject?> GetAsync(string key, CancellationToken cancellationToken)
    {
        var stored = await GuardAsync(() => store.GetAsync(key, cancellationToken));
        if (stored is null)
        {
            _known.TryRemove(key, out _);
            return null;
        }

        var found = Known(key, stored.Revision) ?? new BucketObject(BucketDocument.Decode(key, stored.Content), stored.Revision);
        _known[key] = found;
        return found;
    }

    /// <summary>The history of a document that is to replace this revision: what is known of it, at least the revision itself.</summary>
    public IReadOnlyList<WriteName> HistoryOver(string key, BucketRevision replaced) =>
        Known(key, replaced.Tag) is { } known && known.Document.Name == replaced.Name ? known.Document.HistoryOfNext() : [replaced.Name];

    /// <summary>
    /// Writes the document in place of the last one in its history (<paramref name="tag"/>: its revision in the bucket; null, with an empty history, where there is
    /// none); returns the new revision, or null where that is not the current one.
    /// </summary>
    public async ValueTask<BucketRevision?> PutAsync(string key, BucketDocument document, string? tag, CancellationToken cancellationToken)
    {
        if (tag is { Length: 0 })
        {
            // Replaced long ago.
            return null;
        }

        var content = document.Encode();
        Exception? failure = null;
        for (var attempt = 0; attempt <= MostFollowUps; attempt++)
        {
            try
            {
                if (await store.PutIfAsync(key, content, tag, cancellationToken) is { } written)
                {
                    return Written(key, content, written);
                }

                if (attempt == 0)
                {
                    return null;
                }
            }
            catch (ObjectStoreException e)
            {
                failure = e;
            }

            // Not answered, or refused after an earlier try that was not answered.
            var found = await GetAsync(key, cancellationToken);
            if (found?.Tag == tag)
            {
                continue;
            }

            if (found is not null && OutcomeOf(document, found) is { } outcome)
            {
                return outcome.IsRefused ? null : outcome.Revision;
            }

            throw Unknown(key, failure);
        }

        throw Unknown(key, failure);
    }

    /// <summary>Deletes the object whatever is in it.</summary>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        await GuardAsync(async () =>
        {
            await store.DeleteAsync(key, cancellationToken);
            return true;
        });
        _known.TryRemove(key, out _);
    }

    /// <summary>Keys and revisions of all objects with the prefix.</summary>
    public async ValueTask<Dictionary<string, string>> ListAsync(string prefix, CancellationToken cancellationToken) => await GuardAsync(async () =>
    {
        var tags = new Dictionary<string, string>();
        await foreach (var (key, tag) in store.ListRevisionsAsync(prefix, cancellationToken))
        {
            tags[key] = tag;
        }

        return tags;
    });

    // What became of a write whose place another object may have taken; null where too much has happened since.
    private static (bool IsRefused, BucketRevision Revision)? OutcomeOf(BucketDocument document, BucketObject found)
    {
        if (found.Document.Name == document.Name)
        {
            return (false, found.Revision);
        }

        var history = found.Document.History;
        if (history.Contains(document.Name))
        {
            return (false, new BucketRevision(document.Name, string.Empty));
        }

        // What followed what it was to replace is not it.
        var isWhole = document.History.Count == 0 ? history.Count < BucketDocument.LongestHistory : history.Contains(document.History[0]);
        return isWhole ? (true, default) : null;
    }

    private static CoordinationException Unknown(string key, Exception? inner) =>
        new($"coordination store: object {key}: it is not known whether a write took effect{(inner is null ? "" : $": {inner.Message}")}", inner);

    private static async ValueTask<T> GuardAsync<T>(Func<ValueTask<T>> action)
    {
        try
        {
            return await action();
        }
        catch (ObjectStoreException e)
        {
            throw new CoordinationException($"coordination store: {e.Message}", e);
        }
    }

    private BucketRevision Written(string key, byte[] content, string tag)
    {
        var written = new BucketObject(BucketDocument.Decode(key, content), tag);
        _known[key] = written;
        return written.Revision;
    }
}
