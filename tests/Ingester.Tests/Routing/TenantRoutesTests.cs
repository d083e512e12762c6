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

    [Fact]
    public async Task TakesOverTheWidthThatAnotherNodeHasSet_OnceItLooks()
    {
        var tenant = Tenant("a");
        var growing = await StartAsync();
        await growing.GrowAsync(tenant, 150, CancellationToken.None);
        var other = await StartAsync();
        var narrow = other.Of(tenant).Used.ToArray();
        await growing.GrowAsync(tenant, 390, CancellationToken.None);
        var wide = growing.Of(tenant).Used.ToArray();
        Assert.Equal((2, 4), (narrow.Length, wide.Length));
        Assert.Equal(narrow, wide[..narrow.Length]);

        // A batch sees one width until the next look, whatever the store says.
        Assert.Equal(narrow, other.Of(tenant).Used.ToArray());
        await other.RefreshAsync(CancellationToken.None);
        Assert.Equal(wide, other.Of(tenant).Used.ToArray());
        Assert.Equal(4, other.Of(TenantId.Anonymous).Width);
    }

    [Fact]
    public async Task ANodeThatIsBehind_MakesATenantNoNarrower()
    {
        var tenant = Tenant("a");
        var (ahead, behind) = (await StartAsync(), await StartAsync());
        await ahead.GrowAsync(tenant, 390, CancellationToken.None);
        Assert.Equal(4, await behind.GrowAsync(tenant, 150, CancellationToken.None));
        await ahead.RefreshAsync(CancellationToken.None);
        Assert.Equal((4, 4), (ahead.Of(tenant).Width, behind.Of(tenant).Width));
    }

    [Fact]
    public async Task AnOlderView_DoesNotReplaceANewerOne()
    {
        var tenant = Tenant("a");
        var routes = await StartAsync();
        var older = await PlacementAsync();
        await routes.GrowAsync(tenant, 390, CancellationToken.None);
        Assert.NotNull(await _store.PutIfAsync(PlacementDocument.Key, older.Value, (await PlacementAsync()).Revision, CancellationToken.None));
        await routes.RefreshAsync(CancellationToken.None);
        Assert.Equal(4, routes.Of(tenant).Width);
        Assert.Equal(1, (await StartAsync()).Of(tenant).Width);
    }

    private async Task<CoordinationEntry> PlacementAsync() =>
        await _store.GetAsync(PlacementDocument.Key, CancellationToken.None) ?? throw new InvalidOperationException("there is no placement");

    private async Task<TenantRoutes> StartAsync()
    {
        var routes = new TenantRoutes(new PlacementStore(_store), Options);
        await routes.StartAsync(CancellationToken.None);
        return routes;
    }

    private static TenantId Tenant(string name) => TenantId.TryParse(name, out var tenant, out _) ? tenant : throw new ArgumentException(name);
}
