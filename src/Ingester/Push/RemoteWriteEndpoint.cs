using System.Collections.Concurrent;
using System.Globalization;
using Deucalion.Common.Compression;
using Deucalion.Common.Contracts;
using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Deucalion.Ingester.Push;

/// <summary>
/// Remote write 1.0 and 2.0 over HTTP. A request passes: method, media type, tenant → body read into a pooled buffer within limits → snappy →
/// protobuf → the tenant's rate → <see cref="IDistributor"/>. Answers: 204 stored; 400 something was invalid (named in the text; the rest is stored); 5xx
/// with <c>Retry-After</c> whenever anything could not be stored now, whatever else was invalid, so that the sender tries again; 429 with
/// <c>Retry-After</c> where the tenant sends too fast: nothing of the request was stored.
/// Answers to 2.0 say in headers how much was stored. Thread-safe.
/// </summary>
internal sealed partial class RemoteWriteEndpoint(
    IDistributor distributor,
    RemoteWriteOptions options,
    ITenantLimits limits,
    IngestionLimiter limiter,
    PushMetrics metrics,
    TimeProvider time,
    ILogger<RemoteWriteEndpoint> logger)
{
    private const string RequestTooLarge = "request_too_large";

    private static readonly string[] Paths = ["/api/v1/push", "/api/v1/write", "/api/v1/receive"];

    private readonly InFlightBudget _budget = new(options.MaxInFlightBytes, options.MaxInFlightRequests);
    private readonly ConcurrentBag<DecodedWrite> _decoded = [];

    /// <summary>Maps the three paths under which senders know remote write, all methods.</summary>
    public void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var path in Paths)
        {
            endpoints.Map(path, HandleAsync);
        }
    }

    /// <summary>Serves one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var started = time.GetTimestamp();
        var unsupported = RemoteWriteHeaders.Unsupported(context.Request.Headers, out var isV2);
        var answer = await AnswerAsync(context, unsupported, isV2);
        metrics.Answered(answer.Status, time.GetElapsedTime(started));
        if (isV2)
        {
            RemoteWriteHeaders.Written(context.Response.Headers, answer.Written);
        }

        await WriteAsync(context.Response, answer);
    }

    private async Task<PushAnswer> AnswerAsync(HttpContext context, string? unsupported, bool isV2)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method))
        {
            return new PushAnswer(StatusCodes.Status405MethodNotAllowed, "Method not allowed");
        }

        if (unsupported is not null)
        {
            return new PushAnswer(StatusCodes.Status415UnsupportedMediaType, unsupported);
        }

        string? named = request.Headers["X-Scope-OrgID"];
        if (!TenantId.TryParse(named ?? options.DefaultTenant, out var tenant, out var tenantError))
        {
            return new PushAnswer(StatusCodes.Status400BadRequest, tenantError);
        }

        var push = new TenantPush(tenant, limits.Of(tenant), isV2);
        if (request.ContentLength > push.Limits.MaxRequestBytes)
        {
            return TooLarge(push);
        }

        if (!_budget.TryEnter())
        {
            return Overloaded("too many requests in flight");
        }

        using var body = new RequestBody(_budget);
        try
        {
            return await ReadAsync(push, body, request, context.RequestAborted) ?? await StoreAsync(push, body);
        }
        catch (BadHttpRequestException e)
        {
            return new PushAnswer(e.StatusCode, e.Message);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            return new PushAnswer(StatusCodes.Status499ClientClosedRequest, "client closed request");
        }
        catch (Exception e)
        {
            LogFailed(logger, tenant.Value, e);
            return new PushAnswer(StatusCodes.Status500InternalServerError, $"write failed: {e.Message}");
        }
    }

    private async Task<PushAnswer?> ReadAsync(TenantPush push, RequestBody body, HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // Our own limit answers, with our text.
            size.MaxRequestBodySize = null;
        }

        return await body.ReadAsync(request.Body, request.ContentLength, push.Limits.MaxRequestBytes, cancellationToken) switch
        {
            RequestBodyResult.TooLarge => TooLarge(push),
            RequestBodyResult.NoRoom => Overloaded("too many bytes of requests in flight"),
            _ => null,
        };
    }

    private async Task<PushAnswer> StoreAsync(TenantPush push, RequestBody body)
    {
        var error = SnappyDecoder.ReadLength(body.Content.Span, out var length, out _);
        if (error != SnappyError.None)
        {
            return BadSnappy(error);
        }

        if (length > (uint)push.Limits.MaxRequestBytes)
        {
            return Refused(push, StatusCodes.Status400BadRequest, $"the decompressed request body of {LimitText.Number(length)} bytes exceeds");
        }

        if (!body.TryTake(length))
        {
            return Overloaded("too many bytes of requests in flight");
        }

        var text = PushBuffers.Pool.Rent((int)length + SnappyDecoder.Slack);
        var decoded = _decoded.TryTake(out var reused) ? reused : new DecodedWrite(options.MaxHistogramBuckets);
        try
        {
            error = SnappyDecoder.Decode(body.Content.Span, text, (int)length);
            if (error != SnappyError.None)
            {
                return BadSnappy(error);
            }

            if (!(push.IsV2
                ? RemoteWriteV2Decoder.TryDecode(text, (int)length, decoded, out var malformed)
                : RemoteWriteDecoder.TryDecode(text, (int)length, decoded, out malformed)))
            {
                return new PushAnswer(StatusCodes.Status400BadRequest, malformed.ToString());
            }

            var samples = decoded.Batch.SampleCount + decoded.Batch.Histograms.Length;
            if (limiter.Refuse(push.Tenant, push.Limits, samples) is { } refusal)
            {
                metrics.Refused(push.Tenant, refusal.Reason, samples + decoded.Rejections.Total);
                return new PushAnswer(
                    refusal.RetryAfter is null ? StatusCodes.Status400BadRequest : StatusCodes.Status429TooManyRequests, refusal.Text, refusal.RetryAfter);
            }

            metrics.Decoded(push.Tenant, (int)length, decoded.Rejections);
            // Not cancelled when the client leaves: the batch is in use until every partition has answered.
            var outcome = await distributor.WriteAsync(push.Tenant, decoded.Batch, CancellationToken.None);
            return Answer(outcome, decoded.Rejections);
        }
        finally
        {
            decoded.Reset([], 0);
            _decoded.Add(decoded);
            PushBuffers.Pool.Return(text);
        }
    }

    private PushAnswer Answer(WriteOutcome outcome, Rejections leftOut)
    {
        if (outcome.RetryableFailure is { } failure)
        {
            return Overloaded(failure);
        }

        var answer = outcome.Rejected + leftOut.Total == 0
            ? new PushAnswer(StatusCodes.Status204NoContent, string.Empty)
            : new PushAnswer(StatusCodes.Status400BadRequest, Join(leftOut.Message(), outcome.RejectionMessage));
        return answer with { Written = new WrittenCounts(outcome.Stored - outcome.StoredHistograms, outcome.StoredHistograms, outcome.StoredExemplars) };
    }

    private static string Join(string a, string b) => a.Length == 0 ? b : b.Length == 0 ? a : a + "\n" + b;

    private PushAnswer TooLarge(TenantPush push) => Refused(push, StatusCodes.Status413PayloadTooLarge, "the request body exceeds");

    private PushAnswer Refused(TenantPush push, int status, string what)
    {
        metrics.Refused(push.Tenant, RequestTooLarge, 0);
        return new PushAnswer(status, LimitText.Exceeded(push.Tenant, push.Limits, LimitName.MaxRequestSize, what));
    }

    private PushAnswer Overloaded(string why) => new(StatusCodes.Status503ServiceUnavailable, why, options.RetryAfter);

    private static PushAnswer BadSnappy(SnappyError error) => new(StatusCodes.Status400BadRequest, $"body is not a snappy block: {error}");

    private static async Task WriteAsync(HttpResponse response, PushAnswer answer)
    {
        response.StatusCode = answer.Status;
        if (answer.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (answer.Status == StatusCodes.Status405MethodNotAllowed)
        {
            response.Headers.Allow = HttpMethods.Post;
        }

        if (answer.Status is StatusCodes.Status204NoContent or StatusCodes.Status499ClientClosedRequest)
        {
            return;
        }

        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.XContentTypeOptions = "nosniff";
        await response.WriteAsync(answer.Text + "\n");
    }

    [LoggerMessage(1, LogLevel.Error, "Write of tenant {Tenant} failed")]
    private static partial void LogFailed(ILogger logger, string tenant, Exception exception);

    /// <summary>Whose request, the limits that hold for it, and whether it is of remote write 2.0.</summary>
    private readonly record struct TenantPush(TenantId Tenant, TenantLimits Limits, bool IsV2);

    private sealed record PushAnswer(int Status, string Text, TimeSpan? RetryAfter = null)
    {
        public WrittenCounts Written { get; init; }
    }
}
