using Deucalion.Common.Contracts;
using Deucalion.Common.Tenants;
using Deucalion.PromQL.Engine;
using Deucalion.Querier.Json;
using Deucalion.Querier.Sources;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Deucalion.Querier.Api;

/// <summary>What every endpoint has in common: methods, readiness, tenant, headers, envelope, errors, metrics. Thread-safe.</summary>
internal sealed partial class ApiPipeline(
    IServerStatus status,
    CorsHeaders cors,
    QuerierMetrics metrics,
    TimeProvider time,
    ILogger<ApiPipeline> logger)
{
    private const string TenantHeader = "X-Scope-OrgID";
    private const int MaxAnnotations = 10;

    /// <summary>Answers a request to an endpoint.</summary>
    public async Task AnswerAsync(HttpContext http, ApiRoute route)
    {
        if (HttpMethods.IsOptions(http.Request.Method))
        {
            AnswerOptions(http);
            return;
        }

        if (!route.Methods.Contains(http.Request.Method))
        {
            http.Response.Headers.Allow = route.Allow;
            await PlainAnswers.WriteAsync(http, 405, "Method Not Allowed\n");
            return;
        }

        if (!status.IsServing)
        {
            http.Response.Headers["X-Prometheus-Stopping"] = status.IsStopping ? "true" : "false";
            await PlainAnswers.WriteAsync(http, 503, "Service Unavailable");
            return;
        }

        var start = time.GetTimestamp();
        cors.Apply(http);
        http.Response.Headers.Append("Vary", "Accept-Encoding");
        await using var sink = new ResponseSink(http);
        try
        {
            await RunAsync(http, route, sink);
        }
        catch (Exception e)
        {
            await FailAsync(http, route, sink, e);
        }
        finally
        {
            metrics.Answered(route.Path, time.GetElapsedTime(start));
        }
    }

    /// <summary>Answers a preflight request.</summary>
    public void AnswerOptions(HttpContext http)
    {
        cors.Apply(http);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async ValueTask RunAsync(HttpContext http, ApiRoute route, ResponseSink sink)
    {
        var call = new ApiCall(http, ReadTenant(http), await RequestParameters.ReadAsync(http.Request, http.RequestAborted), sink);
        sink.Output.Raw("{\"status\":\"success\",\"data\":"u8);
        await route.Handler(call);
        if (call.NoContent)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        WriteTexts(sink.Output, ",\"warnings\":["u8, call.Warnings, "warning");
        WriteTexts(sink.Output, ",\"infos\":["u8, call.Infos, "info");
        sink.Output.Raw((byte)'}');
        await sink.CompleteAsync(StatusCodes.Status200OK, http.RequestAborted);
    }

    private static TenantId ReadTenant(HttpContext http)
    {
        var name = http.Request.Headers[TenantHeader].ToString();
        if (name.Length == 0)
        {
            return TenantId.Anonymous;
        }

        return TenantId.TryParse(name, out var tenant, out var error) ? tenant : throw ApiException.BadData(error);
    }

    private static void WriteTexts(JsonOutput output, ReadOnlySpan<byte> opening, List<string> texts, string kind)
    {
        if (texts.Count == 0)
        {
            return;
        }

        output.Raw(opening);
        for (var i = 0; i < Math.Min(texts.Count, MaxAnnotations); i++)
        {
            if (i > 0)
            {
                output.Raw((byte)',');
            }

            output.String(texts[i]);
        }

        if (texts.Count > MaxAnnotations)
        {
            output.Raw((byte)',');
            output.String($"{texts.Count - MaxAnnotations} more {kind} annotations omitted");
        }

        output.Raw((byte)']');
    }

    private async ValueTask FailAsync(HttpContext http, ApiRoute route, ResponseSink sink, Exception failure)
    {
        var (type, message) = Classify(http, failure);
        metrics.Failed(type);
        if (type == ApiErrorType.Internal)
        {
            LogFailure(route.Path, failure);
        }

        if (sink.Started || http.Response.HasStarted)
        {
            // The client must not take the part that it got for the whole.
            http.Abort();
            return;
        }

        var output = sink.Output;
        output.Clear();
        output.Raw("{\"status\":\"error\",\"errorType\":"u8);
        output.String(ApiErrors.NameOf(type));
        output.Raw(",\"error\":"u8);
        output.String(message);
        output.Raw((byte)'}');
        try
        {
            await sink.CompleteAsync(ApiErrors.StatusOf(type), http.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client has gone: nobody is left to be told.
        }
    }

    private static (ApiErrorType Type, string Message) Classify(HttpContext http, Exception failure) => failure switch
    {
        ApiException e => (e.Type, e.Message),
        QueryException e => (e.Kind switch
        {
            QueryErrorKind.BadData => ApiErrorType.BadData,
            QueryErrorKind.Execution when e.InnerException is PartitionUnavailableException => ApiErrorType.Unavailable,
            QueryErrorKind.Execution when IsStorageFailure(e.InnerException) => ApiErrorType.Internal,
            QueryErrorKind.Execution => ApiErrorType.Execution,
            QueryErrorKind.Timeout => ApiErrorType.Timeout,
            QueryErrorKind.Canceled => ApiErrorType.Canceled,
            _ => ApiErrorType.Internal,
        }, e.Message),
        OperationCanceledException when http.RequestAborted.IsCancellationRequested => (ApiErrorType.Canceled, "context canceled"),
        PartitionUnavailableException e => (ApiErrorType.Unavailable, e.Message),
        BadHttpRequestException e => (ApiErrorType.BadData, e.Message),
        _ => (ApiErrorType.Internal, failure.Message),
    };

    // The engine calls them errors of the execution; but the query is not to blame, and asking again may help.
    private static bool IsStorageFailure(Exception? failure) =>
        failure is IOException or MissingBlockException;

    [LoggerMessage(EventId = 5001, Level = LogLevel.Error, Message = "answering {Endpoint} failed")]
    private partial void LogFailure(string endpoint, Exception failure);
}
