using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordination.Bucket;

/// <summary>
/// Takes leases: a lease is a document that names its owner, the how many-th owner that is, and the owner's session; it is free when it names no session or
/// one that is over. Those who wait for a lease ask as often as they like: while its document and its owner's session are seen alive in the listings, no
/// request is made. Thread-safe.
/// </summary>
internal sealed class BucketLeases(
    BucketObjects objects, BucketDocuments documents, BucketSessions sessions, BucketPoller poller, BucketStoreOptions options, BucketCoordinationMetrics metrics, TimeProvider time, ILogger logger)
    : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new();
    private readonly ConcurrentDictionary<string, Holder> _holders = new();
    private readonly SemaphoreSlim _sessionGate = new(1);
    private readonly ConcurrentDictionary<string, bool> _ownSessions = new();
    private readonly ConcurrentDictionary<string, bool> _everHeld = new();
    private readonly ConcurrentDictionary<string, bool> _doubtful = new();
    private OwnSession? _session;

    /// <summary>As <see cref="ICoordinationStore.TryAcquireLeaseAsync"/>.</summary>
    public async ValueTask<ICoordinationLease?> TryAcquireAsync(string name, string owner, CancellationToken cancellationToken)
    {
        var gate = _gates.GetOrAdd(name, static _ => new SemaphoreSlim(1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (_session is { IsOver: false } current && current.Leases.Any(lease => lease.Name == name))
            {
                return null;
            }

            if (IsSeenHeld(name))
            {
                poller.Ask();
                return null;
            }

            var found = await documents.GetAsync(LeaseDocument.KeyOf(name), cancellationToken);
            var before = found is null ? null : LeaseDocument.Parse(found.Value.Span);
            if (before?.Session is { } session && !await IsFreeAsync(name, owner, before, session, cancellationToken))
            {
                _holders[name] = new Holder(BucketRevision.Parse(found!.Revision).Tag, session, poller.Now);
                poller.Ask();
                return null;
            }

            return await TakeAsync(name, new LeaseDocument(owner, (before?.Token ?? 0) + 1), found?.Revision, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>As <see cref="ICoordinationStore.LeasesAsync"/>: one listing, which also counts as a look at all sessions.</summary>
    public async ValueTask<IReadOnlyList<LeaseSight>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        var start = poller.Now;
        var tags = await objects.ListAsync(options.Prefix, cancellationToken);
        sessions.Seen(new BucketSnapshot(tags, start, poller.Now));
        var sights = new List<LeaseSight>();
        foreach (var entry in await documents.ReadAsync(tags, LeaseDocument.KeyOf(prefix), cancellationToken))
        {
            var document = LeaseDocument.Parse(entry.Value.Span);

            // A session is there before a lease names it; so one that is not was ended, unless the lease was taken after the listing.
            var isOfListing = tags[documents.ObjectKey(entry.Key)] == BucketRevision.Parse(entry.Revision).Tag;
            var isAlive = document.Session is { } session && (!isOfListing || tags.ContainsKey(sessions.ObjectKey(session))) && !sessions.IsSeenDead(session);
            sights.Add(new LeaseSight(entry.Key[LeaseDocument.KeyOf(string.Empty).Length..], document.Owner, document.Token, isAlive));
        }

        return sights;
    }

    /// <summary>Looks whether the leases held are still ours in a listing, and gives back those that we may have taken without knowing.</summary>
    public async ValueTask CheckAsync(BucketSnapshot snapshot, CancellationToken cancellationToken)
    {
        foreach (var name in _doubtful.Keys)
        {
            await GiveBackAsync(name, cancellationToken);
        }

        if (_session is not { IsOver: false } session)
        {
            return;
        }

        foreach (var lease in session.Leases)
        {
            var key = LeaseDocument.KeyOf(lease.Name);
            if (snapshot.Tags.GetValueOrDefault(documents.ObjectKey(key)) == BucketRevision.Parse(lease.Revision).Tag)
            {
                continue;
            }

            // The listing may be older than the lease.
            var found = await documents.GetAsync(key, cancellationToken);
            if (found?.Revision != lease.Revision)
            {
                await session.TakenAsync(lease);
            }
        }
    }

    /// <summary>Drops all leases without a word to the store, as if the process died.</summary>
    public async ValueTask DisposeAsync()
    {
        // A session that is being started against a store that does not answer is not waited for long.
        var entered = await _sessionGate.WaitAsync(options.RequestTimeout);
        if (_session is { } session)
        {
            await session.DisposeAsync();
        }

        if (entered)
        {
            _sessionGate.Release();
        }
    }

    private async ValueTask GiveBackAsync(string name, CancellationToken cancellationToken)
    {
        var gate = _gates.GetOrAdd(name, static _ => new SemaphoreSlim(1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (_doubtful.ContainsKey(name)
                && await documents.GetAsync(LeaseDocument.KeyOf(name), cancellationToken) is { } found
                && LeaseDocument.Parse(found.Value.Span) is { Session: { } holder } document
                && _ownSessions.ContainsKey(holder))
            {
                await documents.PutIfAsync(LeaseDocument.KeyOf(name), (document with { Session = null }).Serialize(), found.Revision, cancellationToken);
            }

            _doubtful.TryRemove(name, out _);
        }
        finally
        {
            gate.Release();
        }
    }

    // Whether it was found held, and nothing that was listed since says otherwise; without a listing that holds for as long as one takes to come.
    private bool IsSeenHeld(string name)
    {
        if (!_holders.TryGetValue(name, out var holder))
        {
            return false;
        }

        if (poller.Recent is not { } recent || recent.Start < holder.FoundAt)
        {
            return poller.Now - holder.FoundAt < options.PollInterval;
        }

        return recent.Tags.GetValueOrDefault(documents.ObjectKey(LeaseDocument.KeyOf(name))) == holder.Tag
            && recent.Tags.ContainsKey(sessions.ObjectKey(holder.Session))
            && sessions.IsAlive(holder.Session, poller.Now);
    }

    private async ValueTask<bool> IsFreeAsync(string name, string owner, LeaseDocument before, string session, CancellationToken cancellationToken)
    {
        // Ours: of a session that was lost, or of an attempt whose outcome we never learned.
        if (_ownSessions.ContainsKey(session))
        {
            return true;
        }

        // An owner has one process at a time: what it held before its start is its own to take. But once only: should there be two after all, they must
        // not take it from each other for ever.
        var isPredecessor = before.Owner == owner && !_everHeld.ContainsKey(name);
        return await sessions.IsOverAsync(session, isPredecessor, poller.Now, cancellationToken);
    }

    private async ValueTask<BucketLease?> TakeAsync(string name, LeaseDocument wanted, string? revision, CancellationToken cancellationToken)
    {
        var session = await UseSessionAsync(cancellationToken);
        try
        {
            var document = wanted with { Session = session.Id };
            var written = await documents.PutIfAsync(LeaseDocument.KeyOf(name), document.Serialize(), revision, cancellationToken);
            if (written is null || BucketRevision.Parse(written).IsGone)
            {
                return null;
            }

            _everHeld[name] = true;
            _doubtful.TryRemove(name, out _);
            return session.Add(name, document, written);
        }
        catch
        {
            // It may be ours all the same, and nobody would know.
            _doubtful[name] = true;
            poller.Ask();
            throw;
        }
        finally
        {
            await session.DoneAsync();
        }
    }

    private async ValueTask<OwnSession> UseSessionAsync(CancellationToken cancellationToken)
    {
        await _sessionGate.WaitAsync(cancellationToken);
        try
        {
            if (_session?.TryUse() == true)
            {
                return _session;
            }

            _session = await OwnSession.StartAsync(sessions.ObjectKey, objects, documents, options, metrics, time, logger, cancellationToken);
            _ownSessions[_session.Id] = true;
            return _session;
        }
        finally
        {
            _sessionGate.Release();
        }
    }

    /// <summary>Who was found to hold a lease: revision of its document in the bucket, session, and when that was found.</summary>
    private sealed record Holder(string Tag, string Session, TimeSpan FoundAt);
}
