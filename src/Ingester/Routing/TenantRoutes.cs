using System.Collections.Concurrent;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;

namespace Deucalion.Ingester.Routing;

/// <summary>
/// The routes of all tenants. Reads cover every partition that holds a head of the tenant, so what an older, narrower route wrote stays
/// visible while a wider one is in use. Thread-safe.
/// </summary>
/// <param name="placement">A tenant's ordered list of all partitions.</param>
/// <param name="options">First widths and when to grow.</param>
internal sealed class TenantRoutes(Func<TenantId, IReadOnlyList<PartitionId>> placement, RoutingOptions options)
{
    private readonly ConcurrentDictionary<TenantId, TenantRoute> _routes = new();

    /// <summary>The route that writes take now.</summary>
    public TenantRoute Of(TenantId tenant) =>
        _routes.TryGetValue(tenant, out var route) ? route : _routes.GetOrAdd(tenant, new TenantRoute(placement(tenant), FirstWidth(tenant)));

    /// <summary>Doubles the tenant's width as often as its active series ask for; it never shrinks while the process runs.</summary>
    public TenantRoute Grow(TenantId tenant, long activeSeries)
    {
        var route = Of(tenant);
        var width = route.Width;
        while (activeSeries > width * options.SeriesPerPartition)
        {
            var wider = route.WithWidth(width * 2);
            if (wider.Width == width)
            {
                break;
            }

            width = wider.Width;
        }

        if (width == route.Width)
        {
            return route;
        }

        var grown = route.WithWidth(width);
        _routes[tenant] = grown;
        return grown;
    }

    private int FirstWidth(TenantId tenant) => tenant == TenantId.Anonymous ? options.AnonymousWidth : 1;
}
