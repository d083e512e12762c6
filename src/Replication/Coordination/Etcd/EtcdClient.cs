using Deucalion.Common.Wire;
using Deucalion.Replication.Coordination.Etcd.Messages;
using Google.Protobuf;

namespace Deucalion.Replication.Coordination.Etcd;

/// <summary>
/// Calls to the members of an etcd. One endpoint is used until it fails, then the next. Failures are <see cref="CoordinationException"/>; a write whose
/// outcome is unknown is not repeated. Thread-safe.
/// </summary>
internal sealed class EtcdClient : IDisposable
{
    // Not below what etcd's servers accept between two pings.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(10);

    // Shorter than an operation, so that an endpoint that stands still leaves time for another.
    private static readonly TimeSpan ReadAttempt = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan PauseBetweenRounds = TimeSpan.FromMilliseconds(100);

    private readonly EtcdStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly EtcdMetrics _metrics;
    private readonly WireChannel[] _channels;
    private readonly EtcdToken? _token;
    private int _current;

    public EtcdClient(EtcdStoreOptions options, TimeProvider time, EtcdMetrics metrics, WireMetrics wireMetrics)
    {
        if (options.Endpoints.Count == 0)
        {
            throw new ArgumentException("etcd needs an endpoint", nameof(options));
        }

        _options = options;
        _time = time;
        _metrics = metrics;
        _token = options.Username is { } name ? new EtcdToken(name, options.Password ?? string.Empty, AuthenticateAsync) : null;
        var wire = new WireClientOptions
        {
            Tls = options.Tls,
            KeepAlive = KeepAlive,
            ConnectTimeout = ReadAttempt,
            Time = time,
            Metrics = wireMetrics,
            Metadata = Metadata,
        };
        _channels = [.. options.Endpoints.Select(endpoint => new WireChannel(endpoint, wire))];
    }

    /// <summary>A call that may be repeated, for at most <paramref name="within"/> where that is less than the time of an operation.</summary>
    public ValueTask<TAnswer> ReadAsync<TAnswer>(
        string method, IMessage request, MessageParser<TAnswer> parser, CancellationToken cancellationToken, TimeSpan? within = null)
        where TAnswer : IMessage<TAnswer>
    {
        var bytes = request.ToByteArray();
        return CallAsync(
            async (channel, limit, token) => parser.ParseFrom((await channel.UnaryAsync(method, bytes, AttemptOf(limit), token)).Span),
            IsRepeatable,
            within < _options.RequestTimeout ? within.Value : _options.RequestTimeout,
            cancellationToken);
    }

    /// <summary>A call that is repeated only where it certainly was not carried out.</summary>
    public ValueTask<TAnswer> WriteAsync<TAnswer>(string method, IMessage request, MessageParser<TAnswer> parser, CancellationToken cancellationToken)
        where TAnswer : IMessage<TAnswer>
    {
        var bytes = request.ToByteArray();
        return CallAsync(
            async (channel, limit, token) => parser.ParseFrom((await channel.UnaryAsync(method, bytes, limit, token)).Span),
            static failure => failure.IsUnsent,
            _options.RequestTimeout,
            cancellationToken);
    }

    /// <summary>Keeps a lease alive; returns the seconds it has from now, 0 where it is gone.</summary>
    public ValueTask<long> KeepAliveAsync(long lease, TimeSpan limit, CancellationToken cancellationToken)
    {
        var bytes = new LeaseKeepAliveRequest { ID = lease }.ToByteArray();
        return CallAsync(
            async (channel, left, token) =>
            {
                using var late = new CancellationTokenSource(AttemptOf(left), _time);
                using var ended = CancellationTokenSource.CreateLinkedTokenSource(late.Token, token);
                try
                {
                    await using var stream = await channel.OpenAsync("/etcdserverpb.Lease/LeaseKeepAlive", ended.Token);
                    await stream.SendAsync(bytes, ended.Token);
                    using var answer = await stream.ReceiveAsync(ended.Token) ?? throw new WireException(WireStatus.Unavailable, $"{channel.Address} does not answer for the lease");
                    return LeaseKeepAliveResponse.Parser.ParseFrom(answer.Payload.Span).TTL;
                }
                catch (OperationCanceledException exception) when (!token.IsCancellationRequested)
                {
                    throw new WireException(WireStatus.DeadlineExceeded, $"{channel.Address} did not answer for the lease in time", exception);
                }
            },
            IsRepeatable,
            limit,
            cancellationToken);
    }

    /// <summary>Ends a lease; returns why it could not. It ends by itself then.</summary>
    public async ValueTask<Exception?> TryRevokeAsync(long lease, CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync("/etcdserverpb.Lease/LeaseRevoke", new LeaseRevokeRequest { ID = lease }, LeaseRevokeResponse.Parser, cancellationToken);
            return null;
        }
        catch (CoordinationException exception) when (exception.InnerException is WireException { Status: WireStatus.NotFound })
        {
            return null;
        }
        catch (Exception exception) when (exception is CoordinationException or ObjectDisposedException)
        {
            return exception;
        }
    }

    /// <summary>Opens a stream at the current endpoint. <see cref="WireException"/> or <see cref="CoordinationException"/>; say <see cref="Leave"/> when it failed.</summary>
    public async ValueTask<(IWireStream Stream, int Endpoint)> OpenAsync(string method, CancellationToken cancellationToken)
    {
        var endpoint = Volatile.Read(ref _current);
        try
        {
            await AuthenticatedAsync(cancellationToken);
            return (await _channels[endpoint].OpenAsync(method, cancellationToken), endpoint);
        }
        catch (WireException)
        {
            Leave(endpoint);
            throw;
        }
    }

    /// <summary>An endpoint failed: the next one is asked from now on. The token may be why.</summary>
    public void Leave(int endpoint)
    {
        _token?.Drop();
        if (_channels.Length > 1 && Interlocked.CompareExchange(ref _current, (endpoint + 1) % _channels.Length, endpoint) == endpoint)
        {
            _metrics.FailedOver();
        }
    }

    public void Dispose()
    {
        foreach (var channel in _channels)
        {
            channel.Dispose();
        }

        _token?.Dispose();
    }

    private static bool IsRepeatable(WireException failure) => failure.Status
        is WireStatus.Unavailable or WireStatus.DeadlineExceeded or WireStatus.Cancelled or WireStatus.Unknown or WireStatus.Internal or WireStatus.ResourceExhausted;

    /// <summary>Time of one attempt at what may be tried elsewhere.</summary>
    private TimeSpan AttemptOf(TimeSpan left) => _channels.Length > 1 && left > ReadAttempt ? ReadAttempt : left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>Calls endpoint after endpoint until one answers, the failure is final, or the time is over.</summary>
    private async ValueTask<T> CallAsync<T>(
        Func<WireChannel, TimeSpan, CancellationToken, ValueTask<T>> attempt, Func<WireException, bool> mayRepeat, TimeSpan limit, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        var renewed = false;
        for (var tries = 1; ; tries++)
        {
            var endpoint = Volatile.Read(ref _current);
            try
            {
                var token = await AuthenticatedAsync(cancellationToken);
                try
                {
                    return await attempt(_channels[endpoint], limit - _time.GetElapsedTime(start), cancellationToken);
                }
                catch (WireException failure) when (token is not null && !renewed && EtcdToken.IsStale(failure))
                {
                    // Refused before anything was done.
                    _token!.Drop(token);
                    renewed = true;
                    continue;
                }
            }
            catch (WireException failure) when (mayRepeat(failure) && _time.GetElapsedTime(start) < limit)
            {
                Leave(endpoint);
            }
            catch (Exception exception) when (exception is WireException or InvalidProtocolBufferException)
            {
                _metrics.Failed();
                throw new CoordinationException($"etcd: {exception.Message}", exception);
            }

            if (tries % _channels.Length == 0)
            {
                await Task.Delay(PauseBetweenRounds, _time, cancellationToken);
            }
        }
    }

    private ValueTask<string?> AuthenticatedAsync(CancellationToken cancellationToken) => _token is null ? default : _token.GetAsync(cancellationToken);

    private async ValueTask<string> AuthenticateAsync(AuthenticateRequest request, CancellationToken cancellationToken)
    {
        var answer = await _channels[Volatile.Read(ref _current)].UnaryAsync("/etcdserverpb.Auth/Authenticate", request.ToByteArray(), ReadAttempt, cancellationToken);
        return AuthenticateResponse.Parser.ParseFrom(answer.Span).Token;
    }

    private IEnumerable<KeyValuePair<string, string>> Metadata()
    {
        // A member without a leader answers so at once, rather than keeping silent.
        yield return new KeyValuePair<string, string>("hasleader", "true");
        if (_token?.Current is { Length: > 0 } token)
        {
            yield return new KeyValuePair<string, string>("authorization", token);
        }
    }
}
