using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Deucalion.Common.Wire;

/// <summary>
/// Calls to one peer. Connects when it is first needed and again after a connection was lost; calls share a connection. Nothing is sent twice: a call
/// that fails is the caller's to repeat. Thread-safe.
/// </summary>
public sealed class WireChannel : IDisposable
{
    private const int StreamWindow = 1 << 20;

    // Longer than any timer.
    private static readonly TimeSpan LongestDeadline = TimeSpan.FromDays(30);

    private readonly WireClientOptions _options;
    private readonly Uri _base;
    private readonly HttpMessageInvoker _http;
    private readonly CancellationTokenSource _closed = new();

    /// <summary>A channel to <c>host:port</c>; does not connect yet.</summary>
    public WireChannel(string address, WireClientOptions options)
    {
        if (!Uri.TryCreate($"{(options.Tls is null ? "http" : "https")}://{address}/", UriKind.Absolute, out var uri) || uri.Authority.Length == 0 || uri.PathAndQuery != "/")
        {
            throw new ArgumentException($"'{address}' is no address: host:port", nameof(address));
        }

        Address = address;
        _base = uri;
        _options = options;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectTimeout = options.ConnectTimeout,
            KeepAlivePingDelay = options.KeepAlive,
            KeepAlivePingTimeout = options.KeepAlive,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            InitialHttp2StreamWindowSize = StreamWindow,

            // Above the peer's limit of streams on one connection.
            EnableMultipleHttp2Connections = true,
            ConnectCallback = ConnectAsync,
        });
    }

    /// <summary>Where the peer is.</summary>
    public string Address { get; }

    /// <summary>
    /// One request, one answer. <paramref name="method"/> is <c>/package.Service/Method</c>. The request's memory must stay as it is until the call
    /// returns. <see cref="WireException"/> for every end but <see cref="WireStatus.Ok"/>; <see cref="OperationCanceledException"/> when cancelled.
    /// </summary>
    public async ValueTask<ReadOnlyMemory<byte>> UnaryAsync(string method, ReadOnlyMemory<byte> request, TimeSpan deadline, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closed.IsCancellationRequested, this);
        cancellationToken.ThrowIfCancellationRequested();
        var measured = _options.Metrics?.Begin("client", method);
        var status = WireStatus.Cancelled;
        using var late = new CancellationTokenSource(Clamp(deadline), _options.Time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token, _closed.Token);
        try
        {
            var answer = await CallAsync(method, request, deadline, measured, ended.Token);
            status = WireStatus.Ok;
            return answer;
        }
        catch (WireException failure)
        {
            status = failure.Status;
            throw;
        }
        catch (Exception exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var failure = late.IsCancellationRequested ? new WireException(WireStatus.DeadlineExceeded, $"{method} at {Address} took longer than {deadline.TotalSeconds:0.###} s", exception)
                : _closed.IsCancellationRequested ? new WireException(WireStatus.Cancelled, $"the channel to {Address} was closed", exception)
                : WireFailure.Of(exception, Address);
            status = failure.Status;
            throw failure;
        }
        finally
        {
            measured?.Ended(status);
        }
    }

    /// <summary>
    /// Begins a bidirectional call; returns when it is on its way, before the peer has answered. The token is for the beginning alone: disposing the
    /// stream ends the call.
    /// </summary>
    public async ValueTask<IWireStream> OpenAsync(string method, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closed.IsCancellationRequested, this);
        cancellationToken.ThrowIfCancellationRequested();
        var content = new CallContent();
        var request = NewRequest(method, content);
        var ended = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token);
        var stream = new ClientStream(Address, _options.MaxMessageSize, _http.SendAsync(request, ended.Token), content, ended, _options.Metrics?.Begin("client", method));
        try
        {
            await stream.OpenAsync(cancellationToken);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes the connections; calls that are open end with <see cref="WireStatus.Cancelled"/>.</summary>
    public void Dispose()
    {
        if (!_closed.IsCancellationRequested)
        {
            _closed.Cancel();
            _http.Dispose();
        }
    }

    private static TimeSpan Clamp(TimeSpan deadline) => deadline < TimeSpan.Zero ? TimeSpan.Zero : deadline > LongestDeadline ? LongestDeadline : deadline;

    private async ValueTask<ReadOnlyMemory<byte>> CallAsync(
        string method, ReadOnlyMemory<byte> message, TimeSpan deadline, WireMetrics.CallMetrics? measured, CancellationToken cancellationToken)
    {
        using var request = NewRequest(method, new UnaryContent(message, _options.MaxMessageSize));
        request.Headers.TryAddWithoutValidation(WireHeaders.Timeout, WireTimeout.Format(Clamp(deadline)));
        using var response = await _http.SendAsync(request, cancellationToken);
        measured?.Sent(message.Length);
        if (WireFailure.OfResponse(response, Address) is { } refused)
        {
            throw refused;
        }

        using var reader = new FrameReader(await response.Content.ReadAsStreamAsync(cancellationToken), _options.MaxMessageSize);
        var answer = await reader.ReadSingleAsync(cancellationToken);
        measured?.Received(answer?.Length ?? 0);
        var trailers = response.Headers.Contains(WireHeaders.Status) ? response.Headers : response.TrailingHeaders;
        if (WireFailure.OfHeaders(trailers, Address, WireStatus.Unknown) is { } failure)
        {
            throw failure;
        }

        return answer ?? throw new WireException(WireStatus.Internal, $"{Address} ended {method} without an answer");
    }

    private HttpRequestMessage NewRequest(string method, HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_base, method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation(WireHeaders.AcceptEncoding, WireHeaders.Identity);
        Add(request, WireHeaders.Node, _options.NodeId);
        Add(request, WireHeaders.To, _options.PeerNodeId);
        Add(request, WireHeaders.Protocol, _options.Protocol?.ToString(CultureInfo.InvariantCulture));
        foreach (var (name, value) in _options.Metadata?.Invoke() ?? [])
        {
            Add(request, name, value);
        }

        return request;
    }

    private static void Add(HttpRequestMessage request, string name, string? value)
    {
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            var network = new NetworkStream(socket, ownsSocket: true);
            if (_options.Tls is null)
            {
                return network;
            }

            var secure = new SslStream(network);
            await secure.AuthenticateAsClientAsync(_options.Tls.ForClient(_base.IdnHost.Trim('[', ']')), cancellationToken);
            return secure;
        }
        catch (Exception exception)
        {
            socket.Dispose();
            throw WireFailure.OfConnect(exception, Address);
        }
    }
}
