using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Deucalion.Common.Wire;

/// <summary>
/// Methods that a server answers. The host has what <see cref="WireServices.AddWire"/> adds, and listens as <see cref="WireListener"/> says. A handler
/// answers a status by throwing <see cref="WireException"/>; its token is cancelled when the caller has gone or its deadline has passed.
/// </summary>
public static class WireEndpoints
{
    /// <summary>Answers one request with one message. The request's memory is the handler's until its task ends.</summary>
    public static void MapWireUnary(this IEndpointRouteBuilder endpoints, string method, Func<WireCall, ReadOnlyMemory<byte>, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> handler)
    {
        var server = ServerOf(endpoints);
        endpoints.MapPost(method, context => server.ServeAsync(context, method, stopsWithHost: false, async (call, stream, cancellationToken) =>
        {
            if (await stream.ReceiveAsync(cancellationToken) is not { } request)
            {
                throw new WireException(WireStatus.Internal, "the call has no request");
            }

            if (await stream.ReceiveAsync(cancellationToken) is not null)
            {
                throw new WireException(WireStatus.Internal, "the call has more than one request");
            }

            var answer = await handler(call, request.Payload, cancellationToken);
            await stream.SendAsync(answer, cancellationToken);

            // Not before: the answer may lie in the request.
            request.Dispose();
        }));
    }

    /// <summary>
    /// Serves a bidirectional call, which lasts until the handler's task ends. The token is cancelled also when the host stops; the caller is then
    /// answered <see cref="WireStatus.Unavailable"/>.
    /// </summary>
    public static void MapWireStream(this IEndpointRouteBuilder endpoints, string method, Func<WireCall, IWireStream, CancellationToken, Task> handler)
    {
        var server = ServerOf(endpoints);
        endpoints.MapPost(method, context => server.ServeAsync(context, method, stopsWithHost: true, handler));
    }

    private static WireServer ServerOf(IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        return new WireServer(
            services.GetRequiredService<WireServerOptions>(),
            services.GetRequiredService<WireMetrics>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<IHostApplicationLifetime>(),
            services.GetRequiredService<ILogger<WireServer>>());
    }
}
