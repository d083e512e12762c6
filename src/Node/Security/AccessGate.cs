using System.Net;
using System.Text.Json;
using Deucalion.Node.Configuration;
using Microsoft.Net.Http.Headers;

namespace Deucalion.Node.Security;

/// <summary>
/// Stands between routing and the endpoints: lets requests pass that show credentials with the right that <see cref="RouteRules"/> asks for, and writes the tenant that
/// they are for into the header that the endpoints read. Others are answered 401, which does not say what was wrong, or 403, which names what is needed. Thread-safe.
/// </summary>
internal sealed partial class AccessGate(Authenticator authenticator, MetricsAccess metricsAccess, AccessMetrics metrics, ILogger<AccessGate> logger)
{
    /// <summary>Header that names the tenant.</summary>
    public const string TenantHeader = "X-Scope-OrgID";

    private const string Realm = "Deucalion";
    private static readonly object CallerKey = new();

    /// <summary>Who makes a request that was let pass, for people: the name of the credentials, where some are asked for, and the address.</summary>
    public static string CallerOf(HttpContext context) =>
        $"{(context.Items.TryGetValue(CallerKey, out var name) ? name : "anybody")} at {context.Connection.RemoteIpAddress}";

    /// <summary>Passes a request on, or answers it.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        // Without a route there is nothing to protect: the answer is 404 or 405.
        if (context.GetEndpoint() is not RouteEndpoint endpoint || IsOpen(context.Request, RouteRules.Of(endpoint.RoutePattern.RawText)))
        {
            await next(context);
            return;
        }

        var rule = RouteRules.Of(endpoint.RoutePattern.RawText);
        var header = context.Request.Headers.Authorization.ToString();
        var (entry, result) = await authenticator.FindAsync(header, context.RequestAborted);
        if (entry is null)
        {
            metrics.Asked(result);
            Log.Unknown(logger, rule.Pattern, context.Connection.RemoteIpAddress, result);
            Challenge(context.Response);
            await AnswerAsync(context, StatusCodes.Status401Unauthorized, "unauthorized", "credentials are missing, wrong or expired");
            return;
        }

        var decision = IsForged(context.Request, header)
            ? new AccessDecision(StatusCodes.Status403Forbidden, null, "a page of another site may not use the name and password that the browser keeps")
            : AccessDecision.Of(rule, entry, context.Request.Headers[TenantHeader].ToString());
        if (decision.Status != StatusCodes.Status200OK)
        {
            var isForbidden = decision.Status == StatusCodes.Status403Forbidden;
            metrics.Asked(isForbidden ? "forbidden" : "allowed");
            Log.Refused(logger, rule.Pattern, context.Connection.RemoteIpAddress, entry.Name, decision.Reason);
            await AnswerAsync(context, decision.Status, isForbidden ? "forbidden" : "bad_data", decision.Reason);
            return;
        }

        metrics.Asked(result);
        context.Items[CallerKey] = entry.Name;
        if (decision.Tenant is { } tenant)
        {
            context.Request.Headers[TenantHeader] = tenant.Value;
        }

        await next(context);
    }

    // A browser asks with OPTIONS, and without credentials, whether a page may ask.
    private bool IsOpen(HttpRequest request, RouteRule rule) => rule.Scope switch
    {
        RouteScope.Open => true,
        RouteScope.Metrics => metricsAccess == MetricsAccess.Open,
        RouteScope.Tenant => HttpMethods.IsOptions(request.Method) && rule.Rights.HasFlag(AccessRight.Read),
        _ => false,
    };

    // Browsers add a name and password that they know to requests that any page makes them send.
    private static bool IsForged(HttpRequest request, string authorization) =>
        authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)
        && !HttpMethods.IsGet(request.Method)
        && !HttpMethods.IsHead(request.Method)
        && request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site";

    private void Challenge(HttpResponse response)
    {
        if (authenticator.TakesPasswords)
        {
            response.Headers.Append(HeaderNames.WWWAuthenticate, $"Basic realm=\"{Realm}\", charset=\"UTF-8\"");
        }

        response.Headers.Append(HeaderNames.WWWAuthenticate, $"Bearer realm=\"{Realm}\"");
    }

    private static Task AnswerAsync(HttpContext context, int status, string errorType, string error)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : JsonSerializer.SerializeAsync(context.Response.Body, new { status = "error", errorType, error }, cancellationToken: context.RequestAborted);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Request for {Route} from {Address} refused: credentials are {Result}")]
        public static partial void Unknown(ILogger logger, string route, IPAddress? address, string result);

        [LoggerMessage(2, LogLevel.Debug, "Request for {Route} from {Address} by {Entry} refused: {Reason}")]
        public static partial void Refused(ILogger logger, string route, IPAddress? address, string entry, string reason);
    }
}
