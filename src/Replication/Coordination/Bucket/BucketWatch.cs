using System.Runtime.CompilerServices;

namespace Deucalion.Replication.Coordination.Bucket;

/// <summary>
/// One watch: compares what it knows with each listing and reads what is new. A listing that began before a document was read has nothing to say about it; one
/// of the next listings will.
/// </summary>
internal sealed class BucketWatch(BucketDocuments documents, BucketPoller poller, string prefix)
{
    private readonly SortedDictionary<string, Seen> _known = new(StringComparer.Ordinal);

    /// <summary>The present documents, then each change, until cancelled.</summary>
    public async IAsyncEnumerable<CoordinationChange> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        poller.Enter();
        try
        {
            var (present, at) = await PresentAsync(cancellationToken);
            foreach (var entry in present)
            {
                _known[entry.Key] = new Seen(entry.Revision, at);
                yield return new CoordinationChange(entry.Key, entry);
            }

            while (true)
            {
                var snapshot = await poller.Next.WaitAsync(cancellationToken);
                foreach (var key in Changed(snapshot))
                {
                    if (await ReadAsync(snapshot, key, cancellationToken) is { } change)
                    {
                        yield return change;
                    }
                }
            }
        }
        finally
        {
            poller.Leave();
        }
    }

    private async Task<(IReadOnlyList<CoordinationEntry> Entries, TimeSpan At)> PresentAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var entries = await documents.ListAsync(prefix, cancellationToken);
                return (entries, poller.Now);
            }
            catch (CoordinationException)
            {
                // The poller is in the same trouble, and says so.
                await poller.Next.WaitAsync(cancellationToken);
            }
        }
    }

    // Keys that the listing shows with another revision than is known, or no longer.
    private List<string> Changed(BucketSnapshot snapshot)
    {
        var changed = new List<string>();
        foreach (var (objectKey, tag) in snapshot.Tags)
        {
            if (documents.KeyOf(objectKey) is { } key && key.StartsWith(prefix, StringComparison.Ordinal))
            {
                var isNews = _known.TryGetValue(key, out var seen) ? seen.Tag != tag && seen.At <= snapshot.Start : !documents.IsKnownTombstone(key, tag);
                if (isNews)
                {
                    changed.Add(key);
                }
            }
        }

        changed.AddRange(_known.Where(item => !snapshot.Tags.ContainsKey(documents.ObjectKey(item.Key)) && item.Value.At <= snapshot.Start).Select(static item => item.Key));
        changed.Sort(StringComparer.Ordinal);
        return changed;
    }

    // What is to be told of a key that changed; null where that is nothing, or where it cannot be read now: the next listing shows it again.
    private async ValueTask<CoordinationChange?> ReadAsync(BucketSnapshot snapshot, string key, CancellationToken cancellationToken)
    {
        CoordinationEntry? entry = null;
        if (snapshot.Tags.TryGetValue(documents.ObjectKey(key), out var tag) && !documents.TryGetKnown(key, tag, out entry))
        {
            try
            {
                entry = await documents.GetAsync(key, cancellationToken);
            }
            catch (CoordinationException)
            {
                return null;
            }
        }

        if (entry is null)
        {
            return _known.Remove(key) ? new CoordinationChange(key, null) : null;
        }

        if (_known.TryGetValue(key, out var told) && told.Revision == entry.Revision)
        {
            return null;
        }

        _known[key] = new Seen(entry.Revision, poller.Now);
        return new CoordinationChange(key, entry);
    }

    /// <summary>The revision that was told last, and when it was certainly read.</summary>
    private readonly record struct Seen(string Revision, TimeSpan At)
    {
        public string Tag { get; } = BucketRevision.Parse(Revision).Tag;
    }
}
