using Deucalion.Common.Hashing;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Routing;
using Xunit;

namespace Deucalion.Ingester.Tests.Routing;

public sealed class TenantRoutesTests
{
    private static readonly PartitionId[] List = [.. Enumerable.Range(0, 8).Select(x => new PartitionId(7 - x))];
    private readonly TenantRoutes _routes = new(_ => List, new RoutingOptions { AnonymousWidth = 4, SeriesPerPartition = 100 });

    [Fact]
    public void StartsWithItsFirstWidth()
    {
        Assert.Equal(4, _routes.Of(TenantId.Anonymous).Width);
        Assert.Equal(1, _routes.Of(Tenant("a")).Width);
        Assert.Equal(new PartitionId(7), _routes.Of(Tenant("a"))[0]);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(100, 1)]
    [InlineData(101, 2)]
    [InlineData(390, 4)]
    [InlineData(401, 8)]
    [InlineData(100_000, 8)]
    public void GrowsByDoubling_WithActiveSeries(long series, int width)
    {
        Assert.Equal(width, _routes.Grow(Tenant("a"), series).Width);
        Assert.Equal(width, _routes.Of(Tenant("a")).Width);
        Assert.Equal(width, _routes.Grow(Tenant("a"), 0).Width);
    }

    [Fact]
    public void MovesOnlySeriesThatGoToNewPlaces_WhenItGrows()
    {
        var narrow = _routes.Of(TenantId.Anonymous);
        var wide = narrow.WithWidth(8);
        var random = new Random(1);
        var moved = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var hash = (ulong)random.NextInt64();
            Assert.Equal(JumpHash.Bucket(hash, 4), narrow.PlaceOf(hash));
            if (narrow.PlaceOf(hash) != wide.PlaceOf(hash))
            {
                Assert.True(wide.PlaceOf(hash) >= 4);
                moved++;
            }
        }

        Assert.InRange(moved, 4700, 5300);
    }

    private static TenantId Tenant(string name) => TenantId.TryParse(name, out var tenant, out _) ? tenant : throw new ArgumentException(name);
}
