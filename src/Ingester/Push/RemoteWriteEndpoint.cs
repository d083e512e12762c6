using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using Deucalion.Common.Contracts;
using Deucalion.Common.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Deucalion.Ingester.Push;

/// <summary>
/// Remote write 1.0 over HTTP. A request passes: method, media type, tenant → body read into a pooled buffer within limits → snappy →
/// protobuf → <see cref="IDistributor"/>. Answers: 204 stored; 400 something was invalid (named in the text; the rest is stored); 5xx with
/// <c>Retry-After</c> whenever anything could not be stored now, whatever else was invalid, so that the sender tries again. Thread-safe.
/// </summary>
internal sealed partial class RemoteWriteEndpoint(
    IDistributor distributor, RemoteWriteOptions options, PushMetrics metrics, TimeProvider time, ILogger<RemoteWriteEndpoint> logger)
{
    private static readonly string[] Paths = ["/api/v1/push", "/api/v1/write", "/api/v1/receive"];

    private readonly InFlightBudget _budget = new(options.MaxInFlightBytes, options.MaxInFlightRequests);
    private readonly ConcurrentBag<WriteBatch> _batches = [];

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
        var answer = await AnswerAsync(context);
        metrics.Answered(answer.Status, time.GetElapsedTime(started));
        await WriteAsync(context.Response, answer);
    }

    private async Task<PushAnswer> AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method))
        {
            return new PushAnswer(StatusCodes.Status405MethodNotAllowed, "Method not allowed");
        }

        if (RemoteWriteHeaders.Unsupported(request.Headers) is { } unsupported)
        {
            return new PushAnswer(StatusCodes.Status415UnsupportedMediaType, unsupported);
        }

        string? named = request.Headers["X-Scope-OrgID"];
        if (!TenantId.TryParse(named ?? options.DefaultTenant, out var tenant, out var tenantError))
        {
            return new PushAnswer(StatusCodes.Status400BadRequest, tenantError);
        }

        if (request.ContentLength > options.MaxBodyBytes)
        {
            return TooLarge();
        }

        if (!_budget.TryEnter())
        {
            return Overloaded("too many requests in flight");
        }

        using var body = new RequestBody(_budget);
        try
        {
            return await ReadAsync(body, request, context.RequestAborted) ?? await StoreAsync(tenant, body);
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

    private async Task<PushAnswer?> ReadAsync(RequestBody body, HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // Our own limit answers, with our text.
            size.MaxRequestBodySize = null;
        }

        return await body.ReadAsync(request.Body, request.ContentLength, options.MaxBodyBytes, cancellationToken) switch
        {
            RequestBodyResult.TooLarge => TooLarge(),
            RequestBodyResult.NoRoom => Overloaded("too many bytes of requests in flight"),
            _ => null,
        };
    }

    private async Task<PushAnswer> StoreAsync(TenantId tenant, RequestBody body)
    {
        var error = SnappyDecoder.ReadLength(body.Content.Span, out var length, out _);
        if (error != SnappyError.None || length > (uint)options.MaxDecodedBytes)
        {
            return BadSnappy(error, length);
        }

        if (!body.TryTake(length))
        {
            return Overloaded("too many bytes of requests in flight");
        }

        var decoded = ArrayPool<byte>.Shared.Rent((int)length + SnappyDecoder.Slack);
        var batch = _batches.TryTake(out var reused) ? reused : new WriteBatch();
        try
        {
            error = SnappyDecoder.Decode(body.Content.Span, decoded, (int)length);
            if (error != SnappyError.None)
            {
                return BadSnappy(error, length);
            }

            if (!RemoteWriteDecoder.TryDecode(decoded, (int)length, batch, out var contents, out var malformed))
            {
                return new PushAnswer(StatusCodes.Status400BadRequest, malformed.ToString());
            }

            metrics.Decoded((int)length);
            // Not cancelled when the client leaves: the batch is in use until every partition has answered.
            var outcome = await distributor.WriteAsync(tenant, batch, CancellationToken.None);
            return Answer(outcome, Unsupported(contents));
        }
        finally
        {
            batch.Reset([], 0);
            _batches.Add(batch);
            ArrayPool<byte>.Shared.Return(decoded);
        }
    }

    private PushAnswer Answer(WriteOutcome outcome, string unsupported)
    {
        if (outcome.RetryableFailure is { } failure)
        {
            return Overloaded(failure);
        }

        return outcome.Rejected == 0 && unsupported.Length == 0
            ? new PushAnswer(StatusCodes.Status204NoContent, string.Empty)
            : new PushAnswer(StatusCodes.Status400BadRequest, Join(outcome.RejectionMessage, unsupported));
    }

    private string Unsupported(RemoteWriteContents contents)
    {
        if (contents.Histograms + contents.Exemplars == 0)
        {
            return string.Empty;
        }

        var rejections = new Rejections();
        rejections.Add(RejectReason.HistogramNotSupported, contents.Histograms);
        rejections.Add(RejectReason.ExemplarNotSupported, contents.Exemplars);
        metrics.Rejected(rejections);

        // Exemplars are dropped and counted, as a Prometheus that stores none does: a 400 would make the sender count the whole request as failed.
        return contents.Histograms == 0 ? string.Empty
            : string.Create(CultureInfo.InvariantCulture, $"rejected {contents.Histograms} native histograms: not supported");
    }

    private static string Join(string a, string b) => a.Length == 0 ? b : b.Length == 0 ? a : a + "\n" + b;

    private PushAnswer TooLarge() => new(
        StatusCodes.Status413PayloadTooLarge, string.Create(CultureInfo.InvariantCulture, $"request body is larger than {options.MaxBodyBytes} bytes"));

    private PushAnswer Overloaded(string why) => new(StatusCodes.Status503ServiceUnavailable, why, options.RetryAfter);

    private PushAnswer BadSnappy(SnappyError error, uint length) => new(StatusCodes.Status400BadRequest, error == SnappyError.None
        ? string.Create(CultureInfo.InvariantCulture, $"decompressed body of {length} bytes is larger than {options.MaxDecodedBytes} bytes")
        : $"body is not a snappy block: {error}");

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

    private sealed record PushAnswer(int Status, string Text, TimeSpan? RetryAfter = null);
}
