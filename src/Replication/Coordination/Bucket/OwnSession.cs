using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordination.Bucket;

/// <summary>
/// This process's session, under which it holds its leases: one write renews them all. It is renewed until nothing is held under it, and lost, with all its
/// leases, when it could not be renewed for so long that others may soon end it (counted from the beginning of the last renewal that succeeded), or when
/// others have ended it. Thread-safe.
/// </summary>
internal sealed partial class OwnSession : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<BucketLease> _leases = [];
    private readonly CancellationTokenSource _over = new();
    private readonly BucketObjects _objects;
    private readonly BucketDocuments _documents;
    private readonly BucketStoreOptions _options;
    private readonly BucketCoordinationMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _key;
    private TimeSpan _validUntil;
    private BucketRevision _revision;
    private SessionDocument _document;
    private bool _isOver;
    private int _users = 1;
    private ITimer? _expiry;

    private OwnSession(string id, string key, BucketObjects objects, BucketDocuments documents, BucketStoreOptions options, BucketCoordinationMetrics metrics, TimeProvider time, ILogger logger)
    {
        Id = id;
        _key = key;
        _objects = objects;
        _documents = documents;
        _options = options;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _document = new SessionDocument(0, (long)options.TimeToLive.TotalMilliseconds, Ended: false);
    }

    /// <summary>Name of the session; never used again.</summary>
    public string Id { get; }

    /// <summary>Whether leases can no longer be held under it.</summary>
    public bool IsOver => _isOver || Now >= _validUntil;

    /// <summary>Everything that goes on in the background; ends after the session is over.</summary>
    private Task Completion { get; set; } = Task.CompletedTask;

    private TimeSpan Now => _time.GetElapsedTime(0);

    /// <summary>Begins a session; the caller uses it (see <see cref="TryUse"/>).</summary>
    public static async Task<OwnSession> StartAsync(
        Func<string, string> keyOf, BucketObjects objects, BucketDocuments documents, BucketStoreOptions options, BucketCoordinationMetrics metrics, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var id = NodeIdentity.NewId();
        var session = new OwnSession(id, keyOf(id), objects, documents, options, metrics, time, logger);
        var start = session.Now;
        var document = BucketDocument.Of(session._document.Serialize(), []);
        session._revision = await objects.PutAsync(session._key, document, null, cancellationToken)
            ?? throw new CoordinationException($"coordination store: session {id} exists already", null);
        session.Renewed(start);
        session.Completion = Task.Run(session.RenewAsync, CancellationToken.None);
        return session;
    }

    /// <summary>Keeps the session from being closed until <see cref="DoneAsync"/>; false where it is over.</summary>
    public bool TryUse()
    {
        lock (_lock)
        {
            _users += IsOver ? 0 : 1;
            return !IsOver;
        }
    }

    /// <summary>Ends one use; the last one closes the session.</summary>
    public async Task DoneAsync()
    {
        lock (_lock)
        {
            if (--_users > 0 || _isOver)
            {
                return;
            }

            _isOver = true;
        }

        await _over.CancelAsync();
        await CloseAsync();
    }

    /// <summary>A lease that was taken under this session; null where the session is over meanwhile. It is a use of the session.</summary>
    public BucketLease? Add(string name, LeaseDocument document, string revision)
    {
        lock (_lock)
        {
            if (IsOver)
            {
                return null;
            }

            var lease = new BucketLease(this, name, document, revision);
            _leases.Add(lease);
            _users++;
            return lease;
        }
    }

    /// <summary>The leases held.</summary>
    public IReadOnlyList<BucketLease> Leases
    {
        get
        {
            lock (_lock)
            {
                return [.. _leases];
            }
        }
    }

    /// <summary>Gives a lease back. Where the store does not answer that is tried again in the background as long as the session lives.</summary>
    public async Task ReleaseAsync(BucketLease lease)
    {
        lock (_lock)
        {
            if (!_leases.Remove(lease))
            {
                return;
            }
        }

        if (await TryReleaseAsync(lease))
        {
            await DoneAsync();
            return;
        }

        lock (_lock)
        {
            Completion = Task.WhenAll(Completion, Task.Run(() => KeepReleasingAsync(lease), CancellationToken.None));
        }
    }

    /// <summary>The lease's document names another holder: it was taken although the session lives.</summary>
    public async Task TakenAsync(BucketLease lease)
    {
        lock (_lock)
        {
            if (!_leases.Remove(lease))
            {
                return;
            }
        }

        LogTaken(_logger, lease.Name);
        await lease.LoseAsync();
        await DoneAsync();
    }

    /// <summary>Ends the session without a word to the store, as if the process died.</summary>
    public async ValueTask DisposeAsync()
    {
        await LoseAsync("the store is closed");
        await Completion.ContinueWith(static _ => { }, TaskScheduler.Default);
        _over.Dispose();
    }

    private async Task RenewAsync()
    {
        var wait = _options.RenewInterval;
        try
        {
            while (true)
            {
                await Task.Delay(wait, _time, _over.Token);
                var start = Now;
                wait = await TryRenewAsync() switch
                {
                    true => _options.RenewInterval,
                    null => _options.RetryInterval,
                    false => Timeout.InfiniteTimeSpan,
                };
                if (wait == Timeout.InfiniteTimeSpan)
                {
                    await LoseAsync("another has ended it");
                    return;
                }

                if (wait == _options.RenewInterval)
                {
                    Renewed(start);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Over.
        }
    }

    // True: renewed; false: it was ended; null: nobody knows.
    private async Task<bool?> TryRenewAsync()
    {
        using var limit = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _over.Token);
        try
        {
            // After a renewal whose outcome is not known the revision may be a newer one of ours.
            var next = _document with { Counter = _document.Counter + 1 };
            var written = await _objects.PutAsync(_key, BucketDocument.Of(next.Serialize(), _objects.HistoryOver(_key, _revision)), _revision.Tag, linked.Token);
            if (written is null && !await AdoptAsync(linked.Token))
            {
                return false;
            }

            if (written is not { IsGone: false } revision)
            {
                return written is null ? null : false;
            }

            (_document, _revision) = (next, revision);
            _metrics.Renewed(succeeded: true);
            return true;
        }
        catch (Exception e) when (e is CoordinationException || (e is OperationCanceledException && !_isOver))
        {
            _metrics.Renewed(succeeded: false);
            LogNotRenewed(_logger, e.Message);
            return null;
        }
    }

    // Whether what is there is a renewal of ours that we took for failed. Only we write it while it is not ended.
    private async Task<bool> AdoptAsync(CancellationToken cancellationToken)
    {
        if (await _objects.GetAsync(_key, cancellationToken) is not { } found || SessionDocument.Parse(found.Document.Value.Span) is not { Ended: false } document)
        {
            return false;
        }

        (_document, _revision) = (document, found.Revision);
        return true;
    }

    private void Renewed(TimeSpan start)
    {
        lock (_lock)
        {
            if (_isOver)
            {
                return;
            }

            _validUntil = start + _options.TimeToLive - _options.Margin;
            ExpireLater();
        }
    }

    private void ExpireLater()
    {
        _expiry?.Dispose();
        var left = _validUntil - Now;
        _expiry = _time.CreateTimer(_ => Expire(), null, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void Expire()
    {
        lock (_lock)
        {
            if (_isOver)
            {
                return;
            }

            if (Now < _validUntil)
            {
                // Renewed meanwhile, or the timer's clock runs a little ahead.
                ExpireLater();
                return;
            }
        }

        _ = LoseAsync("it could not be renewed");
    }

    private async Task LoseAsync(string reason)
    {
        List<BucketLease> leases;
        lock (_lock)
        {
            if (_isOver)
            {
                return;
            }

            _isOver = true;
            _expiry?.Dispose();
            leases = [.. _leases];
            _leases.Clear();
        }

        await _over.CancelAsync();
        _metrics.SessionLost();
        LogLost(_logger, leases.Count, reason);
        await Task.WhenAll(leases.Select(static lease => lease.LoseAsync()));
    }

    private async Task<bool> TryReleaseAsync(BucketLease lease)
    {
        using var limit = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _over.Token);
        try
        {
            // Refused means that it is another's already.
            await _documents.PutIfAsync(LeaseDocument.KeyOf(lease.Name), (lease.Document with { Session = null }).Serialize(), lease.Revision, linked.Token);
            return true;
        }
        catch (Exception e) when (e is CoordinationException or OperationCanceledException)
        {
            return _isOver;
        }
    }

    private async Task KeepReleasingAsync(BucketLease lease)
    {
        try
        {
            do
            {
                await Task.Delay(_options.RetryInterval, _time, _over.Token);
            }
            while (!await TryReleaseAsync(lease));
            await DoneAsync();
        }
        catch (OperationCanceledException)
        {
            // The session is over, and the lease with it.
        }
    }

    private async Task CloseAsync()
    {
        _expiry?.Dispose();
        using var limit = new CancellationTokenSource(_options.RequestTimeout, _time);
        try
        {
            await _objects.DeleteAsync(_key, limit.Token);
        }
        catch (Exception e) when (e is CoordinationException or OperationCanceledException)
        {
            // Nothing is held under it; it is swept away.
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The session in the coordination store was not renewed and is tried again: {Reason}")]
    private static partial void LogNotRenewed(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Warning, "The session in the coordination store is lost with {Leases} leases: {Reason}")]
    private static partial void LogLost(ILogger logger, int leases, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Lease {Lease} names another holder and is lost")]
    private static partial void LogTaken(ILogger logger, string lease);
}
