using Deucalion.Node.Hosting;

namespace Deucalion.Node.Http;

/// <summary>Health, readiness and reload, under the paths and with the texts of Prometheus, Mimir and Thanos.</summary>
internal static class HealthEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints, Readiness readiness, NodeReload reload)
    {
        foreach (var prefix in new[] { string.Empty, "/prometheus" })
        {
            endpoints.MapMethods($"{prefix}/-/healthy", ["GET", "HEAD"], static context => Text(context, StatusCodes.Status200OK, "Deucalion is Healthy.\n"));
            foreach (var path in new[] { "/-/ready", "/ready" })
            {
                endpoints.MapMethods(prefix + path, ["GET", "HEAD"], context => readiness.NotReadyBecause is { } reason
                    ? Text(context, StatusCodes.Status503ServiceUnavailable, $"Service Unavailable: {reason}\n")
                    : Text(context, StatusCodes.Status200OK, "Deucalion is Ready.\n"));
            }

            endpoints.MapMethods($"{prefix}/-/reload", ["POST", "PUT"], context => reload.Run() is { } error
                ? Text(context, StatusCodes.Status500InternalServerError, $"failed to reload config: {error}\n")
                : Text(context, StatusCodes.Status200OK, string.Empty));
            endpoints.MapGet($"{prefix}/-/reload", static context => Text(context, StatusCodes.Status405MethodNotAllowed, "Only POST or PUT requests allowed\n"));
        }
    }

    private static Task Text(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(text, context.RequestAborted);
    }
}
