using Deucalion.Common.Tenants;
using Deucalion.Ingester.Routing;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Placement;
using Testing.Disk;
using Xunit;

namespace Deucalion.Ingester.Tests.Routing;

public sealed class TenantRoutesTests
{
    private static readonly RoutingOptions Options = new() { Partitions = 8, AnonymousWidth = 4, SeriesPerPartition = 100 };
    private readonly LocalFileStore _store = new(new SimulatedDisk(1), "/coordination", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1));

    [Fact]
    public async Task StartsWithItsFirstWidth()
    {
        var routes = await StartAsync();
        Assert.Equal(4, routes.Of(TenantId.Anonymous).Width);
        Assert.Equal(1, routes.Of(Tenant("a")).Width);
        Assert.Same(routes.Of(Tenant("a")), routes.Of(Tenant("a")));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(100, 1)]
    [InlineData(101, 2)]
    [InlineData(390, 4)]
    [InlineData(401, 8)]
    [InlineData(100_000, 8)]
    public async Task GrowsByDoubling_AndKeepsTheWidthOverARestart(long series, int width)
    {
        var routes = await StartAsync();
        Assert.Equal(width, await routes.GrowAsync(Tenant("a"), series, CancellationToken.None));
        Assert.Equal(width, routes.Of(Tenant("a")).Width);
        Assert.Equal(width, await routes.GrowAsync(Tenant("a"), 0, CancellationToken.None));
        Assert.Equal(width, (await StartAsync()).Of(Tenant("a")).Width);
    }

    private async Task<TenantRoutes> StartAsync()
    {
        var routes = new TenantRoutes(new PlacementStore(_store), Options);
        await routes.StartAsync(CancellationToken.None);
        return routes;
    }

    private static TenantId Tenant(string name) => TenantId.TryParse(name, out var tenant, out _) ? tenant : throw new ArgumentException(name);
}
