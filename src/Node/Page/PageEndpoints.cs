namespace Deucalion.Node.Page;

/// <summary>Serves the page at <c>/</c> and <c>/prometheus/</c>: its asset addresses are relative, so it works under any prefix.</summary>
internal static class PageEndpoints
{
    // Mantine sets style attributes; everything else comes from the page's own origin.
    private const string ContentSecurityPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'";

    /// <summary>Maps the page.</summary>
    public static void MapPage(this IEndpointRouteBuilder endpoints, PageAssets assets)
    {
        foreach (var prefix in new[] { string.Empty, "/prometheus" })
        {
            // What people type; the page itself tells its views apart in the query.
            endpoints.MapGet($"{prefix}/cluster", static context => Redirect(context, "./", "?view=cluster"));
            endpoints.MapMethods($"{prefix}/", ["GET", "HEAD"], context => Serve(context, assets, "index.html", prefix));
            foreach (var path in assets.Paths)
            {
                endpoints.MapMethods($"{prefix}/{path}", ["GET", "HEAD"], context => Serve(context, assets, path, prefix));
            }
        }

        // Grafana's "explore" links and people's bookmarks of Prometheus.
        endpoints.MapGet("/graph", static context => Redirect(context, "./"));
        endpoints.MapGet("/query", static context => Redirect(context, "./"));
    }

    private static Task Serve(HttpContext context, PageAssets assets, string path, string prefix)
    {
        // Without the closing slash relative addresses would lead one level up.
        if (prefix.Length > 0 && path == "index.html" && context.Request.Path.Value == prefix)
        {
            return Redirect(context, prefix[1..] + "/");
        }

        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return assets.ServeAsync(context, path);
    }

    private static Task Redirect(HttpContext context, string to) => Redirect(context, to, context.Request.QueryString.Value);

    private static Task Redirect(HttpContext context, string to, string? query)
    {
        context.Response.Redirect(to + query);
        return Task.CompletedTask;
    }
}
