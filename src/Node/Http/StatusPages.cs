using System.Text.Json;
using Deucalion.Node.Configuration;
using Deucalion.Node.Hosting;
using Deucalion.Node.Security;

namespace Deucalion.Node.Http;

/// <summary>What operators look at: <c>/config</c>, the effective configuration without its secrets, and <c>/debug/routes</c>, what each route asks for.</summary>
internal static class StatusPages
{
    /// <summary>Maps the endpoints.</summary>
    public static void MapStatusPages(this IEndpointRouteBuilder endpoints, ReloadableSettings settings)
    {
        endpoints.MapGet("/config", async context =>
        {
            context.Response.ContentType = "text/plain; charset=utf-8";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await context.Response.WriteAsync(ConfigSchema.ToYaml(settings.Current), context.RequestAborted);
        });
        endpoints.MapGet("/debug/routes", async context =>
        {
            context.Response.ContentType = "application/json";
            await JsonSerializer.SerializeAsync(context.Response.Body, Routes(endpoints), cancellationToken: context.RequestAborted);
        });
    }

    private static IEnumerable<object> Routes(IEndpointRouteBuilder endpoints) =>
        from source in endpoints.DataSources
        from route in source.Endpoints.OfType<RouteEndpoint>()
        let rule = RouteRules.Of(route.RoutePattern.RawText)
        orderby route.RoutePattern.RawText
        select new
        {
            route = route.RoutePattern.RawText,
            methods = route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [],
            scope = rule.Scope.ToString().ToLowerInvariant(),
            rights = RouteRule.Words(rule.Rights),
            declared = RouteRules.IsDeclared(rule),
        };
}
