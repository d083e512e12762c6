using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordination.Bucket;

/// <summary>
/// The sessions of other processes: watched in every listing, ended when their owner is dead, swept away when nobody needs them. Ending is a conditional
/// write upon the session itself, so an owner that renewed it meanwhile stays, and one that lives learns of it with its next renewal. Thread-safe.
/// </summary>
internal sealed partial class BucketSessions(BucketObjects objects, BucketStoreOptions options, BucketCoordinationMetrics metrics, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SessionWatch> _watches = [];
    private readonly Dictionary<string, (TimeSpan AskedAt, TimeSpan TimeToLive)> _wanted = [];

    /// <summary>Key of a session in the bucket.</summary>
    public string ObjectKey(string session) => $"{options.Prefix}sessions/{session}.session";

    /// <summary>A listing has shown these revisions.</summary>
    public void Seen(BucketSnapshot snapshot)
    {
        var prefix = $"{options.Prefix}sessions/";
        lock (_lock)
        {
            foreach (var gone in _watches.Keys.Where(key => !snapshot.Tags.ContainsKey(key)).ToList())
            {
                _watches.Remove(gone);
            }

            foreach (var (key, tag) in snapshot.Tags.Where(item => item.Key.StartsWith(prefix, StringComparison.Ordinal)))
            {
                if (!_watches.TryGetValue(key, out var watch))
                {
                    _watches.Add(key, watch = new SessionWatch(options.LongestGap, BucketStoreOptions.FewestReads));
                }

                watch.Seen(tag, snapshot.Start, snapshot.End);
            }

            foreach (var forgotten in _wanted.Where(item => snapshot.End - item.Value.AskedAt > options.RememberAsking).Select(static item => item.Key).ToList())
            {
                _wanted.Remove(forgotten);
            }
        }
    }

    /// <summary>When the first of the sessions that are waited for may turn out dead.</summary>
    public TimeSpan WantedAt(TimeSpan now)
    {
        lock (_lock)
        {
            var times = _wanted.Where(item => _watches.ContainsKey(item.Key)).Select(item => _watches[item.Key].DeadAt(item.Value.TimeToLive)).Where(at => at > now);
            return times.DefaultIfEmpty(TimeSpan.MaxValue).Min();
        }
    }

    /// <summary>Whether the session is known, watched, and not dead: nothing needs to be asked.</summary>
    public bool IsAlive(string session, TimeSpan now)
    {
        var key = ObjectKey(session);
        lock (_lock)
        {
            if (!_wanted.TryGetValue(key, out var wanted) || !_watches.TryGetValue(key, out var watch) || watch.IsDead(wanted.TimeToLive))
            {
                return false;
            }

            _wanted[key] = (now, wanted.TimeToLive);
            return true;
        }
    }

    /// <summary>Whether listings have shown that nobody renews the session; it is ended when somebody wants it.</summary>
    public bool IsSeenDead(string session)
    {
        var key = ObjectKey(session);
        lock (_lock)
        {
            var timeToLive = _wanted.TryGetValue(key, out var wanted) ? wanted.TimeToLive : options.TimeToLive;
            return _watches.TryGetValue(key, out var watch) && watch.IsDead(timeToLive);
        }
    }

    /// <summary>
    /// Whether the session is over: it is gone, or was ended, or its owner is dead and this call has ended it. With <paramref name="atOnce"/> the owner is
    /// taken for dead without watching.
    /// </summary>
    public async ValueTask<bool> IsOverAsync(string session, bool atOnce, TimeSpan now, CancellationToken cancellationToken)
    {
        var key = ObjectKey(session);
        var found = await objects.GetAsync(key, cancellationToken);
        if (found is null)
        {
            return true;
        }

        var document = SessionDocument.Parse(found.Document.Value.Span);
        var timeToLive = TimeSpan.FromMilliseconds(document.TimeToLive);
        if (timeToLive < options.TimeToLive)
        {
            timeToLive = options.TimeToLive;
        }

        lock (_lock)
        {
            _wanted[key] = (now, timeToLive);
        }

        if (document.Ended)
        {
            await RemoveAsync(key, cancellationToken);
            return true;
        }

        return (atOnce || IsDead(key, found, timeToLive)) && await EndAsync(key, found, document, cancellationToken);
    }

    /// <summary>Removes sessions that were ended or that nobody has renewed for very long.</summary>
    public async ValueTask SweepAsync(CancellationToken cancellationToken)
    {
        List<string> old;
        lock (_lock)
        {
            old = [.. _watches.Where(item => item.Value.Unchanged >= options.SweepAfter).Select(static item => item.Key)];
        }

        foreach (var key in old)
        {
            if (await objects.GetAsync(key, cancellationToken) is { } found)
            {
                var document = SessionDocument.Parse(found.Document.Value.Span);
                if (document.Ended)
                {
                    await RemoveAsync(key, cancellationToken);
                }
                else if (IsDead(key, found, options.SweepAfter))
                {
                    await EndAsync(key, found, document, cancellationToken);
                }
            }
        }
    }

    private bool IsDead(string key, BucketObject found, TimeSpan timeToLive)
    {
        lock (_lock)
        {
            return _watches.TryGetValue(key, out var watch) && watch.Tag == found.Tag && watch.IsDead(timeToLive);
        }
    }

    private async ValueTask<bool> EndAsync(string key, BucketObject found, SessionDocument document, CancellationToken cancellationToken)
    {
        var ended = BucketDocument.Of((document with { Ended = true }).Serialize(), found.Document.HistoryOfNext());
        if (await objects.PutAsync(key, ended, found.Tag, cancellationToken) is null)
        {
            return false;
        }

        metrics.SessionEnded();
        LogEnded(logger, key);
        await RemoveAsync(key, cancellationToken);
        return true;
    }

    // What is ended is of no use any more, but does no harm either. Its name never comes again.
    private async ValueTask RemoveAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await objects.DeleteAsync(key, cancellationToken);
        }
        catch (CoordinationException)
        {
            metrics.SweepFailed();
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Session {Session} of another process, which renews it no more, is ended: its leases can be taken")]
    private static partial void LogEnded(ILogger logger, string session);
}
