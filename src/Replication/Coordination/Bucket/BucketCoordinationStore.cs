using Deucalion.Common.Objects;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordination.Bucket;

/// <summary>
/// The coordination store in an object store that honours conditional writes: a cluster needs nothing but its bucket. Format: docs/formats/coordination.md.
/// <para>
/// Documents are objects that are replaced on condition of their revision. Every object has a random name of its write and that of the write which it
/// replaced, so that the outcome of a write without an answer can be found out. A deletion writes a tombstone.
/// </para>
/// <para>
/// What others changed is found by listing: one listing every few seconds shows the revisions of all objects, serves all watches, and shows who renews its
/// session. An outage delays watches and nothing else.
/// </para>
/// <para>
/// A process holds leases under one session, an object that it rewrites; a lease is a document that names the session. A session that has stood unchanged
/// in several listings over its whole time to live, none of them far from the last, is dead: whoever wants one of its leases ends it by a conditional write
/// upon it and then takes the lease by another. So a slow store, or an observer that slept, ends nobody; an owner that was cut off knows by its own clock,
/// earlier than the others, that its leases are lost.
/// </para>
/// Disposing drops leases as if the process died: release them first.
/// </summary>
public sealed class BucketCoordinationStore : ICoordinationStore, IAsyncDisposable
{
    private readonly BucketStoreOptions _options;
    private readonly BucketDocuments _documents;
    private readonly BucketSessions _sessions;
    private readonly BucketPoller _poller;
    private readonly BucketLeases _leases;
    private readonly BucketCoordinationMetrics _metrics;

    /// <summary>A store in a bucket; nothing is asked of it yet.</summary>
    public BucketCoordinationStore(IObjectStore store, BucketStoreOptions options, BucketCoordinationMetrics metrics, TimeProvider time, ILogger<BucketCoordinationStore> logger)
    {
        _options = options;
        _metrics = metrics;
        var objects = new BucketObjects(store);
        _documents = new BucketDocuments(objects, options, time);
        _sessions = new BucketSessions(objects, options, metrics, logger);
        _poller = new BucketPoller(objects, options, metrics, time, logger) { Polled = PolledAsync, WantedAt = _sessions.WantedAt };
        _leases = new BucketLeases(objects, _documents, _sessions, _poller, options, metrics, time, logger);
    }

    /// <inheritdoc/>
    public TimeSpan RecommendedTimeToLive => _options.TimeToLive;

    /// <inheritdoc/>
    public ValueTask<CoordinationEntry?> GetAsync(string key, CancellationToken cancellationToken)
    {
        CoordinationKey.Require(key);
        return _documents.GetAsync(key, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> value, string? ifRevision, CancellationToken cancellationToken)
    {
        CoordinationKey.Require(key);
        return _documents.PutIfAsync(key, value, ifRevision, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteIfAsync(string key, string ifRevision, CancellationToken cancellationToken)
    {
        CoordinationKey.Require(key);
        return _documents.DeleteIfAsync(key, ifRevision, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<CoordinationEntry>> ListAsync(string prefix, CancellationToken cancellationToken) => _documents.ListAsync(prefix, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<CoordinationChange> WatchAsync(string prefix, CancellationToken cancellationToken) =>
        new BucketWatch(_documents, _poller, prefix).RunAsync(cancellationToken);

    /// <summary>As declared; the time to live is always the store's own.</summary>
    public ValueTask<ICoordinationLease?> TryAcquireLeaseAsync(string name, string owner, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        CoordinationKey.Require(name);
        return _leases.TryAcquireAsync(name, owner, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LeaseSight>> LeasesAsync(string prefix, CancellationToken cancellationToken) => _leases.ListAsync(prefix, cancellationToken);

    /// <summary>Ends watches and renewals.</summary>
    public async ValueTask DisposeAsync()
    {
        await _poller.DisposeAsync();
        await _leases.DisposeAsync();
    }

    private async Task PolledAsync(BucketSnapshot snapshot, CancellationToken cancellationToken)
    {
        _sessions.Seen(snapshot);
        try
        {
            await _leases.CheckAsync(snapshot, cancellationToken);
            await _sessions.SweepAsync(cancellationToken);
            await _documents.SweepAsync(snapshot.Tags, cancellationToken);
        }
        catch (CoordinationException)
        {
            _metrics.SweepFailed();
        }
    }
}
