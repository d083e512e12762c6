using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Deucalion.Common.Wire;

/// <summary>What failures of HTTP and of the network mean for a call.</summary>
internal static class WireFailure
{
    /// <summary>The failure of connecting to that address.</summary>
    public static WireException OfConnect(Exception exception, string address) =>
        new(WireStatus.Unavailable, $"cannot connect to {address}: {(exception is OperationCanceledException ? "no answer in time" : Innermost(exception))}", exception) { IsUnsent = true };

    /// <summary>The failure of a call to that address.</summary>
    public static WireException Of(Exception exception, string address)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case WireException known:
                    // Several calls may have waited for one connection: each throws its own.
                    return known == exception ? known : new WireException(known.Status, known.Message, exception) { IsUnsent = known.IsUnsent };
                case HttpProtocolException reset:
                    return new WireException(OfReset(reset.ErrorCode), $"{address}: {reset.Message}", exception);
                case HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError }:
                    return new WireException(WireStatus.Unavailable, $"{address} does not speak HTTP/2: {Innermost(exception)}", exception);
                default:
                    break;
            }
        }

        return exception is OperationCanceledException
            ? new WireException(WireStatus.Unavailable, $"no connection to {address} in time: {Innermost(exception)}", exception)
            : new WireException(WireStatus.Unavailable, $"connection to {address} failed: {Innermost(exception)}", exception);
    }

    /// <summary>The end that a header block tells: null for <see cref="WireStatus.Ok"/>; where it tells none, <paramref name="otherwise"/>.</summary>
    public static WireException? OfHeaders(HttpHeaders headers, string address, WireStatus otherwise)
    {
        if (!TryGet(headers, WireHeaders.Status, out var text) || !int.TryParse(text, out var number))
        {
            return new WireException(otherwise, $"{address} ended the call without a status");
        }

        if (number == 0)
        {
            return null;
        }

        var status = number is > 0 and <= (int)WireStatus.Unauthenticated ? (WireStatus)number : WireStatus.Unknown;
        return new WireException(status, TryGet(headers, WireHeaders.Message, out var message) ? StatusMessage.Decode(message) : status.ToString());
    }

    /// <summary>What is wrong with the head of a response; null where messages follow.</summary>
    public static WireException? OfResponse(HttpResponseMessage response, string address)
    {
        if (response.Headers.Contains(WireHeaders.Status))
        {
            // Only trailers: there are no messages. Such a call may also have succeeded.
            return null;
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new WireException(OfHttp(response.StatusCode), $"{address} answers {(int)response.StatusCode}");
        }

        var type = response.Content.Headers.ContentType?.ToString();
        return WireHeaders.IsGrpc(type) ? null : new WireException(WireStatus.Unknown, $"{address} answers with content type {type ?? "none"}, not gRPC");
    }

    private static WireStatus OfHttp(HttpStatusCode code) => (int)code switch
    {
        400 => WireStatus.Internal,
        401 => WireStatus.Unauthenticated,
        403 => WireStatus.PermissionDenied,
        404 => WireStatus.Unimplemented,
        429 or 502 or 503 or 504 => WireStatus.Unavailable,
        _ => WireStatus.Unknown,
    };

    private static WireStatus OfReset(long code) => code switch
    {
        // NO_ERROR: the peer goes away. PROTOCOL_ERROR: also said of a connection whose keep-alive was not answered. REFUSED_STREAM: the call was not taken.
        0 or 1 or 7 => WireStatus.Unavailable,
        8 => WireStatus.Cancelled,
        11 => WireStatus.ResourceExhausted,
        12 => WireStatus.PermissionDenied,
        _ => WireStatus.Internal,
    };

    private static string Innermost(Exception exception)
    {
        while (exception is not SocketException && exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception.Message;
    }

    private static bool TryGet(HttpHeaders headers, string name, out string value)
    {
        value = headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : string.Empty;
        return value.Length > 0;
    }
}
