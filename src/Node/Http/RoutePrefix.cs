namespace Deucalion.Node.Http;

/// <summary>Puts all routes below a prefix, for life behind a proxy that leaves paths as they are.</summary>
internal static class RoutePrefix
{
    /// <summary>Adds it in front of routing. Outside the prefix there is nothing but a way from <c>/</c> into it.</summary>
    public static void UseRoutePrefix(this IApplicationBuilder app, string prefix)
    {
        if (prefix.Length == 0)
        {
            return;
        }

        app.Use(async (context, next) =>
        {
            var request = context.Request;
            if (request.Path.StartsWithSegments(prefix, StringComparison.Ordinal, out var matched, out var rest) && rest.HasValue)
            {
                request.PathBase = request.PathBase.Add(matched);
                request.Path = rest;
                await next(context);
            }
            else if (request.Path.Value == prefix)
            {
                // Without the closing slash relative addresses would lead one level up.
                context.Response.Redirect(prefix[(prefix.LastIndexOf('/') + 1)..] + "/" + request.QueryString.Value);
            }
            else if (request.Path.Value == "/")
            {
                context.Response.Redirect(prefix[1..] + "/");
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                context.Response.ContentType = "text/plain; charset=utf-8";
                await context.Response.WriteAsync("404 page not found\n", context.RequestAborted);
            }
        });
    }
}
