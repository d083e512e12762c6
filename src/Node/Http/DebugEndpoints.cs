using System.Globalization;
using System.Text.Json;
using Deucalion.Node.Diagnostics;

namespace Deucalion.Node.Http;

/// <summary>
/// Looks into the running process: <c>/debug/runtime</c> memory, collections and threads; <c>/debug/profile?seconds=</c> where time goes; <c>/debug/heap?seconds=</c> where
/// memory goes; <c>/debug/logs</c> the last lines of the log. The two recordings are in the nettrace format, one at a time.
/// </summary>
internal static class DebugEndpoints
{
    private const int MaxSeconds = 300;
    private const int DefaultSeconds = 10;

    // The rundown of a large process takes seconds.
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(60);

    /// <summary>Maps the endpoints.</summary>
    public static void MapDebug(this IEndpointRouteBuilder endpoints, RecentLog log, TimeProvider time)
    {
        var busy = new SemaphoreSlim(1);
        endpoints.MapGet("/debug/runtime", static async context =>
        {
            context.Response.ContentType = "application/json";
            await JsonSerializer.SerializeAsync(context.Response.Body, RuntimeSnapshot.Take(), cancellationToken: context.RequestAborted);
        });
        endpoints.MapGet("/debug/logs", async context =>
        {
            context.Response.ContentType = "text/plain; charset=utf-8";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            foreach (var line in log.Snapshot())
            {
                await context.Response.WriteAsync(line, context.RequestAborted);
            }
        });
        endpoints.MapGet("/debug/profile", context => RecordAsync(context, TraceProvider.CpuSamples, "cpu", busy, time));
        endpoints.MapGet("/debug/heap", context => RecordAsync(context, TraceProvider.HeapSnapshot, "heap", busy, time));
    }

    private static async Task RecordAsync(HttpContext context, IReadOnlyList<TraceProvider> providers, string name, SemaphoreSlim busy, TimeProvider time)
    {
        var text = context.Request.Query["seconds"].ToString();
        var seconds = DefaultSeconds;
        if (text.Length > 0 && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) || seconds is < 1 or > MaxSeconds))
        {
            await FailAsync(context, StatusCodes.Status400BadRequest, $"seconds is a whole number from 1 to {MaxSeconds}");
            return;
        }

        if (!await busy.WaitAsync(TimeSpan.Zero, context.RequestAborted))
        {
            await FailAsync(context, StatusCodes.Status409Conflict, "another recording is under way");
            return;
        }

        try
        {
            using var session = await TraceSession.StartAsync(providers, context.RequestAborted);
            context.Response.ContentType = "application/octet-stream";
            context.Response.Headers.ContentDisposition = $"attachment; filename=deucalion-{name}.nettrace";
            var copying = session.CopyToAsync(context.Response.Body, context.RequestAborted);
            await Task.WhenAny(copying, Task.Delay(TimeSpan.FromSeconds(seconds), time, context.RequestAborted));
            using var patience = new CancellationTokenSource(EndPatience, time);
            await session.StopAsync(patience.Token);
            await copying;
        }
        catch (IOException e) when (!context.Response.HasStarted)
        {
            await FailAsync(context, StatusCodes.Status503ServiceUnavailable, e.Message);
        }
        finally
        {
            busy.Release();
        }
    }

    private static Task FailAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }
}
