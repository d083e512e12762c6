using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Deucalion.Querier.Api;

/// <summary>The table of endpoints.</summary>
internal sealed class ApiRoutes(
    ApiPipeline pipeline,
    IServerStatus status,
    QueryEndpoints queries,
    ExemplarsEndpoint exemplars,
    SyntaxEndpoints syntax,
    LabelEndpoints labels,
    MetadataEndpoint metadata,
    StatusEndpoints statuses)
{
    // Below /prometheus the whole server answers as a Prometheus with that route prefix would.
    private static readonly string[] Prefixes = ["", "/prometheus"];

    /// <summary>Maps all endpoints.</summary>
    public void Map(IEndpointRouteBuilder endpoints)
    {
        ApiRoute[] routes =
        [
            ApiRoute.GetOrPost("/query", queries.InstantAsync),
            ApiRoute.GetOrPost("/query_range", queries.RangeAsync),
            ApiRoute.GetOrPost("/query_exemplars", exemplars.AnswerAsync),
            ApiRoute.GetOrPost("/format_query", syntax.Format),
            ApiRoute.GetOrPost("/parse_query", syntax.Parse),
            ApiRoute.GetOrPost("/labels", labels.NamesAsync),
            ApiRoute.Get("/label/{name}/values", labels.ValuesAsync),
            ApiRoute.GetOrPost("/series", labels.SeriesAsync),
            ApiRoute.Get("/metadata", metadata.AnswerAsync),
            ApiRoute.Get("/rules", RuleEndpoints.Rules),
            ApiRoute.Get("/alerts", RuleEndpoints.Alerts),
            ApiRoute.Get("/alertmanagers", RuleEndpoints.Alertmanagers),
            ApiRoute.Get("/targets", RuleEndpoints.Targets),
            ApiRoute.Get("/scrape_pools", RuleEndpoints.ScrapePools),
            ApiRoute.Get("/notifications", RuleEndpoints.Notifications),
            ApiRoute.Get("/status/buildinfo", statuses.BuildInfo),
            ApiRoute.Get("/status/runtimeinfo", statuses.RuntimeInfo),
            ApiRoute.Get("/status/config", statuses.Configuration),
            ApiRoute.Get("/status/flags", statuses.Flags),
            ApiRoute.Get("/status/tsdb", statuses.TsdbAsync),
            ApiRoute.Get("/status/walreplay", StatusEndpoints.Replay),
        ];

        foreach (var prefix in Prefixes)
        {
            foreach (var route in routes)
            {
                endpoints.Map($"{prefix}/api/v1{route.Path}", http => pipeline.AnswerAsync(http, route));
            }

            endpoints.Map($"{prefix}/api/v1/{{**rest}}", AnswerUnknownAsync);
        }

        endpoints.Map("/prometheus/-/healthy", http => AnswerHealthAsync(http, healthy: true));
        endpoints.Map("/prometheus/-/ready", http => AnswerHealthAsync(http, status.IsReady));
    }

    private Task AnswerUnknownAsync(HttpContext http)
    {
        if (!HttpMethods.IsOptions(http.Request.Method))
        {
            return PlainAnswers.WriteAsync(http, 404, "404 page not found\n");
        }

        pipeline.AnswerOptions(http);
        return Task.CompletedTask;
    }

    private static Task AnswerHealthAsync(HttpContext http, bool healthy)
    {
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.Headers.Allow = "GET, HEAD, OPTIONS";
            return PlainAnswers.WriteAsync(http, 405, "Method Not Allowed\n");
        }

        return healthy
            ? PlainAnswers.WriteAsync(http, 200, http.Request.Path.Value!.EndsWith("healthy", StringComparison.Ordinal) ? "Deucalion is healthy.\n" : "Deucalion is ready.\n")
            : PlainAnswers.WriteAsync(http, 503, "Service Unavailable");
    }
}
