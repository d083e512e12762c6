namespace Deucalion.Interop.Security;

/// <summary>What each route should ask for, written down a second time and by hand: a route that is added has to be added here, with a thought about who may call it.</summary>
internal static class ExpectedRoutes
{
    public const string Open = "open";
    public const string Tenant = "tenant";
    public const string Node = "node";

    private static readonly string[] Anyone =
    [
        "/", "/index.html", "/favicon.svg", "/licenses.md", "/graph", "/query", "/cluster", "/-/healthy", "/-/ready", "/ready", "/api/v1/{**rest}",
    ];

    private static readonly string[] Writers = ["/api/v1/push", "/api/v1/write", "/api/v1/receive"];

    private static readonly string[] Readers =
    [
        "/api/v1/query", "/api/v1/query_range", "/api/v1/query_exemplars", "/api/v1/format_query", "/api/v1/parse_query", "/api/v1/labels", "/api/v1/label/{name}/values",
        "/api/v1/series", "/api/v1/metadata", "/api/v1/rules", "/api/v1/alerts", "/api/v1/alertmanagers", "/api/v1/targets", "/api/v1/scrape_pools", "/api/v1/notifications",
    ];

    private static readonly string[] ReadersAndOperators =
    [
        "/api/v1/status/buildinfo", "/api/v1/status/runtimeinfo", "/api/v1/status/tsdb", "/api/v1/status/walreplay", "/api/v1/status/limits",
    ];

    private static readonly string[] Operators =
    [
        "/-/reload", "/ingester/flush", "/config", "/debug/routes", "/debug/runtime", "/debug/logs", "/debug/profile", "/debug/heap", "/api/v1/status/config", "/api/v1/status/flags",
        "/api/v1/admin/tenants", "/api/v1/admin/tenants/{tenant}", "/api/v1/cluster/status", "/api/v1/cluster/nodes", "/api/v1/cluster/partitions", "/api/v1/cluster/drain", "/api/v1/cluster/undrain", "/api/v1/cluster/move",
        "/api/v1/cluster/set", "/api/v1/cluster/force-elect", "/api/v1/cluster/{**rest}",
    ];

    /// <summary>The scope and the rights of which one is needed; null: nobody has thought about the route.</summary>
    public static (string Scope, string[] Rights)? Of(string pattern)
    {
        var path = pattern.StartsWith("/prometheus/", StringComparison.Ordinal) ? pattern["/prometheus".Length..] : pattern;
        return Anyone.Contains(path) || path.StartsWith("/assets/", StringComparison.Ordinal) ? (Open, [])
            : Writers.Contains(path) ? (Tenant, ["write"])
            : Readers.Contains(path) ? (Tenant, ["read"])
            : ReadersAndOperators.Contains(path) ? (Tenant, ["read", "admin"])
            : path == "/metrics" ? (Node, ["read", "admin"])
            : Operators.Contains(path) ? (Node, ["admin"])
            : null;
    }
}
