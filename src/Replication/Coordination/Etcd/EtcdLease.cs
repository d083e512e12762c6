using Deucalion.Replication.Coordination.Etcd.Messages;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordination.Etcd;

/// <summary>
/// A lease that is held: renewed twice in its time to live, more often once that failed. Its end is reckoned from before the last renewal that succeeded was sent, and a tenth
/// of the time early, so it is known here before etcd gives the name to another.
/// </summary>
internal sealed partial class EtcdLease : ICoordinationLease
{
    /// <summary>More than a day is no answer to what is asked here, and timers end somewhere.</summary>
    public const long LongestSeconds = 86_400;

    private const int RenewalsPerLook = 6;

    private readonly EtcdClient _client;
    private readonly ByteString _key;
    private readonly long _id;
    private readonly TimeProvider _time;
    private readonly EtcdMetrics _metrics;
    private readonly ILogger _logger;
    private readonly CancellationToken _closed;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _stop;
    private readonly Task _renewing;
    private TimeSpan _timeToLive;
    private long _renewed;
    private int _released;
    private int _renewals;

    public EtcdLease(
        EtcdClient client, string name, ByteString key, long id, long fencingToken, TimeSpan timeToLive, long renewed, TimeProvider time, EtcdMetrics metrics, ILogger logger,
        CancellationToken closed)
    {
        Name = name;
        FencingToken = fencingToken;
        _client = client;
        _key = key;
        _id = id;
        _timeToLive = timeToLive;
        _renewed = renewed;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        _closed = closed;
        _lost = new CancellationTokenSource(Left, time);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(closed);
        _renewing = RenewAsync();
    }

    public string Name { get; }

    public long FencingToken { get; }

    public CancellationToken Lost => _lost.Token;

    private TimeSpan Left
    {
        get
        {
            var left = (_timeToLive * 0.9) - _time.GetElapsedTime(_renewed);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    private TimeSpan UntilRenewal
    {
        get
        {
            var wait = (_timeToLive / 2) - _time.GetElapsedTime(_renewed);
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _released, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync();
        await _renewing;
        _stop.Dispose();

        // Before etcd may give it to another. One that was lost here may still be there.
        await _lost.CancelAsync();
        if (!_closed.IsCancellationRequested && await _client.TryRevokeAsync(_id, CancellationToken.None) is { } failure)
        {
            Log.NotRevoked(_logger, Name, failure);
        }
    }

    private async Task RenewAsync()
    {
        await Task.Yield();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, _lost.Token);
        var failing = false;
        try
        {
            while (true)
            {
                await Task.Delay(failing ? _timeToLive / 20 : UntilRenewal, _time, ended.Token);
                try
                {
                    if (!await TryRenewAsync(ended.Token))
                    {
                        await LoseAsync("it is gone from etcd");
                        return;
                    }

                    failing = false;
                }
                catch (CoordinationException exception)
                {
                    if (!failing)
                    {
                        failing = true;
                        Log.NotRenewed(_logger, Name, Left.TotalSeconds, exception);
                    }
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            if (Volatile.Read(ref _released) == 0)
            {
                await LoseAsync(_lost.IsCancellationRequested ? "it could not be renewed in time" : "the store was closed");
            }
        }
    }

    /// <summary>False where the lease or its key is gone.</summary>
    private async ValueTask<bool> TryRenewAsync(CancellationToken cancellationToken)
    {
        var sent = _time.GetTimestamp();
        var seconds = await _client.KeepAliveAsync(_id, Left, cancellationToken);
        if (seconds is <= 0 or > LongestSeconds)
        {
            return false;
        }

        _timeToLive = TimeSpan.FromSeconds(seconds);
        _renewed = sent;
        _lost.CancelAfter(Left);

        // Somebody may have deleted the key under a lease that lives. That is rare, and each look is a request.
        return ++_renewals % RenewalsPerLook != 0 || await HasKeyAsync(cancellationToken);
    }

    /// <summary>Whether the key is there, as far as is known. Ends in time for the next renewal.</summary>
    private async ValueTask<bool> HasKeyAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = await _client.ReadAsync("/etcdserverpb.KV/Range", new RangeRequest { Key = _key }, RangeResponse.Parser, cancellationToken, _timeToLive / 4);
            return found.Kvs.Count > 0 && found.Kvs[0].CreateRevision == FencingToken;
        }
        catch (CoordinationException exception)
        {
            // The next renewal looks again.
            _renewals--;
            Log.NotLookedAt(_logger, Name, exception.Message);
            return true;
        }
    }

    private async Task LoseAsync(string reason)
    {
        _metrics.LeaseLost();
        Log.Lost(_logger, Name, reason);
        await _lost.CancelAsync();
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Warning, "Lease {Name} was lost: {Reason}")]
        public static partial void Lost(ILogger logger, string name, string reason);

        [LoggerMessage(11, LogLevel.Warning, "Lease {Name} could not be renewed; it has {Seconds} s left")]
        public static partial void NotRenewed(ILogger logger, string name, double seconds, Exception exception);

        [LoggerMessage(12, LogLevel.Warning, "Lease {Name} could not be released; it ends with its time to live")]
        public static partial void NotRevoked(ILogger logger, string name, Exception exception);

        [LoggerMessage(13, LogLevel.Debug, "Whether the key of lease {Name} is there is not known: {Reason}")]
        public static partial void NotLookedAt(ILogger logger, string name, string reason);
    }
}
