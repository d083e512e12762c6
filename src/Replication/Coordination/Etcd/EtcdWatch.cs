using Deucalion.Common.Wire;
using Deucalion.Replication.Coordination.Etcd.Messages;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordination.Etcd;

/// <summary>
/// One watch: lists, then follows from the revision of the list. After a failure it goes on at the next revision; where etcd has forgotten that one, it
/// lists again and tells the differences to what it had told. One caller at a time.
/// </summary>
internal sealed partial class EtcdWatch : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly EtcdClient _client;
    private readonly EtcdKeys _keys;
    private readonly string _prefix;
    private readonly TimeProvider _time;
    private readonly EtcdMetrics _metrics;
    private readonly ILogger _logger;
    private readonly SortedDictionary<string, long> _told = new(StringComparer.Ordinal);
    private long _next;
    private IWireStream? _stream;
    private int _endpoint;
    private TimeSpan _pause = FirstPause;
    private bool _failing;

    public EtcdWatch(EtcdClient client, EtcdKeys keys, string prefix, TimeProvider time, EtcdMetrics metrics, ILogger logger)
    {
        _client = client;
        _keys = keys;
        _prefix = prefix;
        _time = time;
        _metrics = metrics;
        _logger = logger;
    }

    /// <summary>What changed since the last call, at least one change. Waits through outages.</summary>
    public async ValueTask<IReadOnlyList<CoordinationChange>> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var changes = _next == 0 ? await ListAsync(cancellationToken) : await FollowAsync(cancellationToken);
                Recovered();
                if (changes.Count > 0)
                {
                    return changes;
                }
            }
            catch (Exception exception) when (exception is WireException or CoordinationException or InvalidProtocolBufferException or ObjectDisposedException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await FailedAsync(exception, cancellationToken);
            }
        }
    }

    public ValueTask DisposeAsync() => CloseAsync();

    private async ValueTask<IReadOnlyList<CoordinationChange>> ListAsync(CancellationToken cancellationToken)
    {
        var (start, end) = _keys.Range(_prefix);
        var answer = await _client.ReadAsync("/etcdserverpb.KV/Range", new RangeRequest { Key = start, RangeEnd = end }, RangeResponse.Parser, cancellationToken);
        var present = answer.Kvs.Select(_keys.NameOf).ToHashSet(StringComparer.Ordinal);
        var changes = new List<CoordinationChange>();
        foreach (var gone in _told.Keys.Where(key => !present.Contains(key)).ToList())
        {
            _told.Remove(gone);
            changes.Add(new CoordinationChange(gone, null));
        }

        foreach (var pair in answer.Kvs)
        {
            var key = _keys.NameOf(pair);
            if (_told.GetValueOrDefault(key) != pair.ModRevision)
            {
                _told[key] = pair.ModRevision;
                changes.Add(new CoordinationChange(key, _keys.EntryOf(pair)));
            }
        }

        _next = EtcdKeys.RevisionOf(answer.Header) + 1;
        return changes;
    }

    private async ValueTask<IReadOnlyList<CoordinationChange>> FollowAsync(CancellationToken cancellationToken)
    {
        if (_stream is null)
        {
            (_stream, _endpoint) = await _client.OpenAsync("/etcdserverpb.Watch/Watch", cancellationToken);
            var (start, end) = _keys.Range(_prefix);
            var create = new WatchCreateRequest { Key = start, RangeEnd = end, StartRevision = _next, ProgressNotify = true };
            await _stream.SendAsync(new WatchRequest { CreateRequest = create }.ToByteArray(), cancellationToken);
        }

        using var message = await _stream.ReceiveAsync(cancellationToken) ?? throw new WireException(WireStatus.Unavailable, "etcd ended the watch");
        var response = WatchResponse.Parser.ParseFrom(message.Payload.Span);
        if (response.CompactRevision != 0)
        {
            _metrics.WatchRestarted();
            Log.Compacted(_logger, _prefix, _next, response.CompactRevision);
            _next = 0;
            await CloseAsync();
            return [];
        }

        if (response.Canceled)
        {
            throw new CoordinationException($"etcd cancelled the watch: {response.CancelReason}", null);
        }

        if (response.Events.Count > 0)
        {
            return Apply(response);
        }

        // Progress: nothing has happened up to there, so compaction may go on.
        if (!response.Created)
        {
            _next = Math.Max(_next, EtcdKeys.RevisionOf(response.Header) + 1);
        }

        return [];
    }

    private List<CoordinationChange> Apply(WatchResponse response)
    {
        var changes = new List<CoordinationChange>(response.Events.Count);
        foreach (var change in response.Events)
        {
            var pair = change.Kv ?? throw new CoordinationException("etcd tells of a change without its key", null);
            var key = _keys.NameOf(pair);
            if (change.Type == Event.Types.Type.Delete)
            {
                _told.Remove(key);
                changes.Add(new CoordinationChange(key, null));
            }
            else
            {
                _told[key] = pair.ModRevision;
                changes.Add(new CoordinationChange(key, _keys.EntryOf(pair)));
            }
        }

        // The header's revision may be ahead of what this response brings; changes of one revision come together.
        _next = response.Events[^1].Kv.ModRevision + 1;
        return changes;
    }

    private void Recovered()
    {
        _pause = FirstPause;
        if (_failing)
        {
            _failing = false;
            Log.Resumed(_logger, _prefix, _next);
        }
    }

    private async ValueTask FailedAsync(Exception exception, CancellationToken cancellationToken)
    {
        if (_stream is not null)
        {
            await CloseAsync();
            _client.Leave(_endpoint);
        }

        if (!_failing)
        {
            _failing = true;
            _metrics.WatchInterrupted();
            Log.Interrupted(_logger, _prefix, exception);
        }

        await Task.Delay(_pause, _time, cancellationToken);
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
    }

    private async ValueTask CloseAsync()
    {
        if (_stream is { } stream)
        {
            _stream = null;
            await stream.DisposeAsync();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The watch of {Prefix} broke off; trying to resume")]
        public static partial void Interrupted(ILogger logger, string prefix, Exception exception);

        [LoggerMessage(2, LogLevel.Information, "The watch of {Prefix} goes on at revision {Revision}")]
        public static partial void Resumed(ILogger logger, string prefix, long revision);

        [LoggerMessage(3, LogLevel.Information, "The watch of {Prefix} stood at revision {Revision}, etcd keeps those from {Compacted} on; listing anew")]
        public static partial void Compacted(ILogger logger, string prefix, long revision, long compacted);
    }
}
