using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Xml;
using Amazon.Runtime;
using static Deucalion.Common.Objects.ExceptionChain;

namespace Deucalion.Common.Objects.S3;

/// <summary>What failures of the service mean: whether they may pass by themselves, and what to do about them, in terms of our configuration.</summary>
internal sealed class S3Failure(S3Options options) : IRequestFailures
{
    /// <inheritdoc/>
    public bool MayPass(Exception exception) => exception switch
    {
        AmazonUnmarshallingException or XmlException => true,
        AmazonServiceException { StatusCode: HttpStatusCode status } service when (int)status != 0 =>
            (int)status >= 500 || status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout
            || service.ErrorCode is "RequestTimeout" or "SlowDown" or "Throttling" or "OperationAborted" or "BadDigest" or "XAmzContentSHA256Mismatch" or "IncompleteBody",
        TimeoutException or OperationCanceledException => true,
        _ => Find<IOException>(exception) is not null || Find<HttpRequestException>(exception) is not null || Find<SocketException>(exception) is not null,
    };

    /// <summary>Whether the service says that there is no such object; a missing bucket is not meant.</summary>
    public static bool IsMissing(AmazonServiceException exception) =>
        exception.StatusCode == HttpStatusCode.NotFound && exception.ErrorCode is not ("NoSuchBucket" or "NoSuchUpload");

    /// <summary>Whether the service says that the condition of a write does not hold (412), that another write was under way (409), or that what was to be replaced is gone (404).</summary>
    public static bool IsRefusal(AmazonServiceException exception) =>
        exception.StatusCode == HttpStatusCode.PreconditionFailed
        || (exception.StatusCode == HttpStatusCode.Conflict && exception.ErrorCode is "ConditionalRequestConflict" or "OperationAborted" or "PreconditionFailed")
        || IsMissing(exception);

    /// <inheritdoc/>
    public ObjectStoreException Describe(RequestCall call, Exception exception)
    {
        var reason = exception is AmazonServiceException { StatusCode: var status } service && status != 0
            ? DescribeAnswer(service)
            : DescribeSilence(exception);
        var key = call.Key.Length == 0 ? string.Empty : $", key {call.Key}";
        var message = $"{call.Operation} in bucket {options.Bucket}{key}: {reason}";
        return MayPass(exception) ? new ObjectStoreUnavailableException(message, exception) : new ObjectStoreException(message, exception);
    }

    private static string DescribeAnswer(AmazonServiceException e)
    {
        var said = string.Create(
            CultureInfo.InvariantCulture,
            $"{(int)e.StatusCode} {e.ErrorCode}: {e.Message.TrimEnd('.')}{(string.IsNullOrEmpty(e.RequestId) ? "" : $", request {e.RequestId}")}");
        return e.ErrorCode switch
        {
            "NoSuchBucket" => $"the bucket does not exist; create it, or correct bucket.s3.bucket and bucket.s3.region ({said})",
            "InvalidAccessKeyId" => $"the store does not know the access key; correct bucket.s3.access_key ({said})",
            "SignatureDoesNotMatch" => $"the secret key is not that of the access key, or a proxy changes requests; correct bucket.s3.secret_key ({said})",
            "ExpiredToken" or "TokenRefreshRequired" or "InvalidToken" => $"the credentials of the environment have expired or are not valid; renew them ({said})",
            "RequestTimeTooSkewed" => $"the clock of this machine differs too much from the store's; let both follow a time server ({said})",
            "PermanentRedirect" or "TemporaryRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" or "IncorrectEndpoint" =>
                $"the bucket is in another region; correct bucket.s3.region or bucket.s3.endpoint ({said})",
            "KMS.NotFoundException" or "KMS.DisabledException" or "KMSInvalidStateException" => $"the encryption key cannot be used; correct bucket.s3.kms_key_id ({said})",
            "SlowDown" or "Throttling" => $"the store is throttling; raise its limits or spread the load ({said})",
            _ when e.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized =>
                $"access denied; allow the credentials to list the bucket, and to get, put and delete its objects and to abort uploads ({said})",
            _ when e.StatusCode is HttpStatusCode.MovedPermanently => $"the bucket is in another region; correct bucket.s3.region or bucket.s3.endpoint ({said})",
            _ when (int)e.StatusCode >= 500 => $"the store failed ({said})",
            _ => $"the store refused ({said})",
        };
    }

    private string DescribeSilence(Exception e)
    {
        var address = options.Endpoint?.ToString().TrimEnd('/') ?? $"AWS, region {options.Region ?? S3Options.DefaultRegion}";
        if (e is TimeoutException)
        {
            return $"{address} gave {e.Message}; check the network and the store";
        }

        if (Find<AuthenticationException>(e) is { } tls)
        {
            return $"no secure connection to {address}: {tls.Message}; check its certificate, and http or https in bucket.s3.endpoint";
        }

        if (Find<SocketException>(e) is { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } unknown)
        {
            var hint = options.PathStyle ? "check bucket.s3.endpoint" : "check bucket.s3.endpoint, or set bucket.s3.path_style: true where the bucket is no host name of its own";
            return $"{address}: {unknown.Message}; {hint}";
        }

        if (Find<HttpRequestException>(e) is not null || Find<IOException>(e) is not null || Find<SocketException>(e) is not null)
        {
            return $"{address} cannot be reached: {Innermost(e).Message}; check bucket.s3.endpoint and the network";
        }

        return e is AmazonClientException && e.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase)
            ? $"the request could not be made: {e.Message.TrimEnd('.')}; check bucket.s3.access_key and bucket.s3.secret_key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"
            : $"{e.GetType().Name}: {e.Message}";
    }
}
