using Deucalion.Node.Hosting;

namespace Deucalion.Node.Http;

/// <summary>Answers 503 while the node starts or stops, as Prometheus does, to everything but health, readiness, metrics and the page.</summary>
internal static class ReadyGate
{
    private static readonly string[] Gated = ["/api/", "/prometheus/api/", "/ingester/"];

    /// <summary>Adds the gate in front of all endpoints.</summary>
    public static void UseReadyGate(this IApplicationBuilder app, Readiness readiness) => app.Use(async (context, next) =>
    {
        if (readiness.ClosedBecause is { } reason && Gated.Any(g => context.Request.Path.Value?.StartsWith(g, StringComparison.Ordinal) == true))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers["X-Prometheus-Stopping"] = readiness.IsStopping ? "true" : "false";
            context.Response.Headers.RetryAfter = "1";
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync($"Service Unavailable: {reason}\n", context.RequestAborted);
            return;
        }

        await next(context);
    });
}
