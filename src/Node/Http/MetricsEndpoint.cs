using System.Buffers;
using Deucalion.Common.Telemetry;

namespace Deucalion.Node.Http;

/// <summary><c>/metrics</c>: the node's own metrics in Prometheus's text format.</summary>
internal static class MetricsEndpoint
{
    /// <summary>Maps the endpoint.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder endpoints, MetricsRegistry registry)
    {
        foreach (var path in new[] { "/metrics", "/prometheus/metrics" })
        {
            endpoints.MapGet(path, async context =>
            {
                var text = new ArrayBufferWriter<byte>(64 * 1024);
                PrometheusText.Write(registry.Collect(), text);
                context.Response.ContentType = PrometheusText.ContentType;
                await context.Response.Body.WriteAsync(text.WrittenMemory, context.RequestAborted);
            });
        }
    }
}
