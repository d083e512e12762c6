using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Xml;
using static Deucalion.Common.Objects.ExceptionChain;

namespace Deucalion.Common.Objects.Azure;

/// <summary>What failures of the service mean: whether they may pass by themselves, and what to do about them, in terms of our configuration.</summary>
internal sealed class AzureFailure(AzureOptions options) : IRequestFailures
{
    // The service takes requests whose date is at most so far from its own.
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(14);

    /// <inheritdoc/>
    public bool MayPass(Exception exception) => exception switch
    {
        AzureException failure => (int)failure.Status >= 500 || failure.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout,
        XmlException or TimeoutException or OperationCanceledException => true,
        _ => Find<IOException>(exception) is not null || Find<HttpRequestException>(exception) is not null || Find<SocketException>(exception) is not null,
    };

    /// <inheritdoc/>
    public ObjectStoreException Describe(RequestCall call, Exception exception)
    {
        var key = call.Key.Length == 0 ? string.Empty : $", key {call.Key}";
        var message = $"{call.Operation} in container {options.Container}{key}: {(exception is AzureException failure ? DescribeAnswer(failure) : DescribeSilence(exception))}";
        return MayPass(exception) ? new ObjectStoreUnavailableException(message, exception) : new ObjectStoreException(message, exception);
    }

    private static string DescribeAnswer(AzureException e)
    {
        var said = string.Create(
            CultureInfo.InvariantCulture, $"{(int)e.Status} {e.Code}: {e.Message.TrimEnd('.')}{(e.RequestId.Length == 0 ? "" : $", request {e.RequestId}")}");
        return e.Code switch
        {
            "ContainerNotFound" => $"the container does not exist; create it, or correct bucket.azure.container ({said})",
            "ContainerBeingDeleted" or "ContainerDisabled" => $"the container is being deleted or is disabled; create another, or correct bucket.azure.container ({said})",
            _ when e.Status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized && e.Skew?.Duration() > MaxSkew =>
                $"the clock of this machine differs from the service's by {e.Skew.Value.TotalMinutes:0} min; let it follow a time server ({said})",
            _ when e.Code is "AuthenticationFailed" or "InvalidAuthenticationInfo" or "NoAuthenticationInformation" || e.Message.Contains("failed to authenticate", StringComparison.Ordinal) =>
                $"the service does not accept the signature; correct bucket.azure.account and bucket.azure.account_key, or renew bucket.azure.sas_token ({said})",
            _ when e.Status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized =>
                $"access denied; allow the credentials to read, write, delete and list in the container ({said})",
            "ServerBusy" => $"the service is throttling; raise its limits or spread the load ({said})",
            _ when (int)e.Status >= 500 => $"the service failed ({said})",
            _ => $"the service refused ({said})",
        };
    }

    private string DescribeSilence(Exception e)
    {
        var address = options.ContainerAddress;
        if (e is TimeoutException)
        {
            return $"{address} gave {e.Message}; check the network and the service";
        }

        if (Find<AuthenticationException>(e) is { } tls)
        {
            return $"no secure connection to {address}: {tls.Message}; check its certificate, and http or https in bucket.azure.endpoint";
        }

        if (Find<SocketException>(e) is { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } unknown)
        {
            return $"{address}: {unknown.Message}; check bucket.azure.account and bucket.azure.endpoint";
        }

        return Find<HttpRequestException>(e) is not null || Find<IOException>(e) is not null
            ? $"{address} cannot be reached: {Innermost(e).Message}; check bucket.azure.endpoint and the network"
            : $"{e.GetType().Name}: {e.Message}";
    }
}
