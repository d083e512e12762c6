using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Deucalion.Ingester.Shipping;

/// <summary>
/// <c>POST /ingester/flush</c>: everything in the heads becomes blocks now. Answers 204 when all is published, 503 naming the first failure; with
/// <c>wait=false</c> 202 at once.
/// </summary>
internal sealed partial class FlushEndpoint(Shipper shipper, ILogger<FlushEndpoint> logger)
{
    /// <summary>Maps the path.</summary>
    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapPost("/ingester/flush", HandleAsync);

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Query["wait"] == "false")
        {
            _ = FlushLoggedAsync();
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        try
        {
            await shipper.FlushAsync(context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (IOException e)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync(e.Message + "\n", context.RequestAborted);
        }
    }

    private async Task FlushLoggedAsync()
    {
        try
        {
            await shipper.FlushAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            LogFailed(logger, e);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Flush failed")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
