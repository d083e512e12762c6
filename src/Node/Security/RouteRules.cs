using System.Collections.Frozen;

namespace Deucalion.Node.Security;

/// <summary>
/// The one table of what each route asks for. It goes by the pattern of the route that was matched, not by the path as it was sent, so that no spelling of
/// a path gets around it. A route that is not in the table asks for admin over the whole node.
/// </summary>
internal static class RouteRules
{
    private const string PrometheusPrefix = "/prometheus";
    private const AccessRight ReadOrAdmin = AccessRight.Read | AccessRight.Admin;

    /// <summary>The table. The longest pattern that fits counts.</summary>
    public static readonly IReadOnlyList<RouteRule> All =
    [
        // The page, which holds no data: what it asks for carries the credentials.
        Open("/"),
        Open("/index.html"),
        Open("/favicon.svg"),
        Open("/assets/*"),
        Open("/licenses.md"),
        Open("/graph"),
        Open("/query"),
        Open("/cluster"),

        // Life.
        Open("/-/healthy"),
        Open("/-/ready"),
        Open("/ready"),
        Node("/-/reload"),
        new("/metrics", ReadOrAdmin, RouteScope.Metrics),

        // Samples.
        Tenant("/api/v1/push", AccessRight.Write),
        Tenant("/api/v1/write", AccessRight.Write),
        Tenant("/api/v1/receive", AccessRight.Write),
        Node("/ingester/*"),

        // Queries.
        Tenant("/api/v1/query", AccessRight.Read),
        Tenant("/api/v1/query_range", AccessRight.Read),
        Tenant("/api/v1/query_exemplars", AccessRight.Read),
        Tenant("/api/v1/format_query", AccessRight.Read),
        Tenant("/api/v1/parse_query", AccessRight.Read),
        Tenant("/api/v1/labels", AccessRight.Read),
        Tenant("/api/v1/label/*", AccessRight.Read),
        Tenant("/api/v1/series", AccessRight.Read),
        Tenant("/api/v1/metadata", AccessRight.Read),
        Tenant("/api/v1/rules", AccessRight.Read),
        Tenant("/api/v1/alerts", AccessRight.Read),
        Tenant("/api/v1/alertmanagers", AccessRight.Read),
        Tenant("/api/v1/targets", AccessRight.Read),
        Tenant("/api/v1/scrape_pools", AccessRight.Read),
        Tenant("/api/v1/notifications", AccessRight.Read),
        Tenant("/api/v1/status/*", ReadOrAdmin),
        Open("/api/v1/{**rest}"),

        // Groups of rules, under the path of Cortex and Mimir.
        Tenant("/config/v1/*", AccessRight.Rules),

        // Operation. The configuration may name tenants.
        Node("/api/v1/status/config"),
        Node("/api/v1/status/flags"),
        Node("/api/v1/admin/*"),
        Node("/api/v1/cluster/*"),
        Node("/config"),
        Node("/debug/*"),
    ];

    private static readonly RouteRule Undeclared = Node("*");

    private static readonly FrozenDictionary<string, RouteRule> Exact = All.Where(static r => !r.Pattern.EndsWith("/*", StringComparison.Ordinal)).ToFrozenDictionary(static r => r.Pattern);

    private static readonly RouteRule[] Prefixes = [.. All.Where(static r => r.Pattern.EndsWith("/*", StringComparison.Ordinal)).OrderByDescending(static r => r.Pattern.Length)];

    /// <summary>What the route with a pattern asks for.</summary>
    public static RouteRule Of(string? pattern)
    {
        if (pattern is null)
        {
            return Undeclared;
        }

        var path = pattern.StartsWith('/') ? pattern : "/" + pattern;
        if (path.StartsWith(PrometheusPrefix + "/", StringComparison.Ordinal))
        {
            path = path[PrometheusPrefix.Length..];
        }

        if (Exact.TryGetValue(path, out var exact))
        {
            return exact;
        }

        foreach (var rule in Prefixes)
        {
            if (path.AsSpan().StartsWith(rule.Pattern.AsSpan(0, rule.Pattern.Length - 1), StringComparison.Ordinal))
            {
                return rule;
            }
        }

        return Undeclared;
    }

    /// <summary>Whether the rule is one of the table.</summary>
    public static bool IsDeclared(RouteRule rule) => !ReferenceEquals(rule, Undeclared);

    private static RouteRule Open(string pattern) => new(pattern, AccessRight.None, RouteScope.Open);

    private static RouteRule Tenant(string pattern, AccessRight rights) => new(pattern, rights, RouteScope.Tenant);

    private static RouteRule Node(string pattern) => new(pattern, AccessRight.Admin, RouteScope.Node);
}
