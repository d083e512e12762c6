using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Deucalion.Common.Wire;

/// <summary>Runs one call: its head, its deadline, its status.</summary>
internal sealed partial class WireServer
{
    // Longer than any timer.
    private static readonly TimeSpan LongestDeadline = TimeSpan.FromDays(30);

    private readonly WireServerOptions _options;
    private readonly WireMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<WireServer> _logger;

    public WireServer(WireServerOptions options, WireMetrics metrics, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<WireServer> logger)
    {
        _options = options;
        _metrics = metrics;
        _time = time;
        _lifetime = lifetime;
        _logger = logger;
    }

    public async Task ServeAsync(HttpContext context, string method, bool stopsWithHost, Func<WireCall, IWireStream, CancellationToken, Task> handler)
    {
        if (!WireHeaders.IsGrpc(context.Request.ContentType) || !context.Response.SupportsTrailers())
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        Unlimit(context);
        context.Response.ContentType = WireHeaders.ContentType;
        context.Response.Headers[WireHeaders.AcceptEncoding] = WireHeaders.Identity;
        var measured = _metrics.Begin("server", method);
        var failure = await RunAsync(context, method, stopsWithHost, handler, measured);
        measured.Ended(failure?.Status ?? WireStatus.Ok);
        context.Response.AppendTrailer(WireHeaders.Status, ((int)(failure?.Status ?? WireStatus.Ok)).ToString(CultureInfo.InvariantCulture));
        if (failure is not null)
        {
            context.Response.AppendTrailer(WireHeaders.Message, StatusMessage.Encode(failure.Message));
        }
    }

    private static void Unlimit(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    private async Task<WireException?> RunAsync(
        HttpContext context, string method, bool stopsWithHost, Func<WireCall, IWireStream, CancellationToken, Task> handler, WireMetrics.CallMetrics measured)
    {
        CancellationTokenSource? late = null;
        var stopping = stopsWithHost ? _lifetime.ApplicationStopping : CancellationToken.None;
        try
        {
            var timeout = TimeoutOf(context.Request);
            if (timeout is { } limit)
            {
                late = new CancellationTokenSource(limit, _time);
            }

            var call = Describe(context, timeout);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, late?.Token ?? CancellationToken.None, stopping);
            await using var stream = new ServerStream(context.Request.Body, context.Response.Body, _options.MaxMessageSize, measured);
            await handler(call, stream, ended.Token);
            return null;
        }
        catch (WireException answer)
        {
            return answer.Status == WireStatus.Cancelled && late is { IsCancellationRequested: true } ? DeadlinePassed() : answer;
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested || late is { IsCancellationRequested: true } || stopping.IsCancellationRequested)
        {
            // Whatever a handler throws after it was told to stop: it was interrupted.
            return context.RequestAborted.IsCancellationRequested ? new WireException(WireStatus.Cancelled, "the caller has given the call up", exception)
                : late is { IsCancellationRequested: true } ? DeadlinePassed()
                : new WireException(WireStatus.Unavailable, "the server is stopping", exception);
        }
        catch (Exception exception)
        {
            Log.Failed(_logger, method, exception);
            return new WireException(WireStatus.Unknown, $"the server failed: {exception.Message}", exception);
        }
        finally
        {
            late?.Dispose();
        }
    }

    private static WireException DeadlinePassed() => new(WireStatus.DeadlineExceeded, "the deadline passed before the call was served");

    private static TimeSpan? TimeoutOf(HttpRequest request)
    {
        if (request.Headers[WireHeaders.Timeout] is not [{ } text, ..])
        {
            return null;
        }

        return !WireTimeout.TryParse(text, out var timeout) ? throw new WireException(WireStatus.InvalidArgument, $"{WireHeaders.Timeout} '{text}' is no timeout")
            : timeout < LongestDeadline ? timeout
            : LongestDeadline;
    }

    private WireCall Describe(HttpContext context, TimeSpan? timeout)
    {
        var headers = context.Request.Headers;
        if (_options.NodeId is { } self && headers[WireHeaders.To] is [{ } to, ..] && to != self)
        {
            throw new WireException(WireStatus.FailedPrecondition, $"the call is meant for node {to}, this is {self}");
        }

        var connection = context.Connection;
        return new WireCall(
            $"{connection.RemoteIpAddress}:{connection.RemotePort}",
            timeout is { } limit ? _time.GetUtcNow() + limit : null,
            connection.ClientCertificate?.GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.SimpleName, forIssuer: false))
        {
            Node = headers[WireHeaders.Node] is [{ } node, ..] ? node : null,
            Protocol = int.TryParse(headers[WireHeaders.Protocol], NumberStyles.None, CultureInfo.InvariantCulture, out var protocol) ? protocol : null,
        };
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Call {Method} failed")]
        public static partial void Failed(ILogger logger, string method, Exception exception);
    }
}
