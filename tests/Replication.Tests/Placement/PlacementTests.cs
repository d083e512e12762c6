using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Placement;
using Testing.Disk;
using Xunit;

namespace Replication.Tests.Placement;

public sealed class PlacementTests
{
    [Fact]
    public void OrderHoldsEveryPartitionOnce_AndDiffersByTenant()
    {
        var one = TenantPartitions.Create(Tenant("one"), 256, 1);
        var two = TenantPartitions.Create(Tenant("two"), 256, 1);

        Assert.Equal(Enumerable.Range(0, 256), one.Order.ToArray().Select(static id => id.Value).Order());
        Assert.NotEqual(one.Order.ToArray(), two.Order.ToArray());
        Assert.Equal(one.Order.ToArray(), TenantPartitions.Create(Tenant("one"), 256, 7).Order.ToArray());
    }

    [Fact]
    public void OrderIsTheOneOfTheFormat()
    {
        // Stored data depends on it: these values must never change.
        Assert.Equal([112, 87, 175, 179], TenantPartitions.Create(TenantId.Anonymous, 256, 4).Used.ToArray().Select(static id => id.Value));
    }

    [Fact]
    public void WideningMovesSeriesOnlyIntoNewPartitions()
    {
        var random = new Random(1);
        var narrow = TenantPartitions.Create(Tenant("t"), 256, 4);
        var wide = narrow.WithWidth(8);
        Assert.Equal(narrow.Used.ToArray(), wide.Used[..4].ToArray());
        var moved = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var hash = (ulong)random.NextInt64();
            var before = narrow.PartitionOf(hash);
            var after = wide.PartitionOf(hash);
            Assert.True(before == after || wide.Used[4..].Contains(after));
            moved += before == after ? 0 : 1;
        }

        Assert.InRange(moved, 4500, 5500);
    }

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(1, 1_000_000, 1)]
    [InlineData(1, 1_000_001, 2)]
    [InlineData(4, 10_000_000, 16)]
    [InlineData(4, 10, 4)]
    [InlineData(4, long.MaxValue / 2, 256)]
    public void WidthGrowsByDoubling(int width, long series, int expected)
    {
        Assert.Equal(expected, PlacementView.WidthFor(width, series, 1_000_000, 256));
    }

    [Fact]
    public async Task KeepsNumberOfPartitions_AndWidths()
    {
        var store = new LocalFileStore(new SimulatedDisk(1), "/c", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1));
        var placement = new PlacementStore(store);
        var created = await placement.LoadOrCreateAsync(256, 4, default);
        var widened = await placement.WidenAsync(Tenant("big"), 8, default);
        var again = await new PlacementStore(store).LoadOrCreateAsync(16, 32, default);

        Assert.Equal((1, 256), (created.Version, created.Partitions));
        Assert.Equal(4, created.Of(TenantId.Anonymous).Width);
        Assert.Equal(1, created.Of(Tenant("big")).Width);
        Assert.Equal((2, 256), (again.Version, again.Partitions));
        Assert.Equal(4, again.Of(TenantId.Anonymous).Width);
        Assert.Equal(8, again.Of(Tenant("big")).Width);
        Assert.Equal(widened.Version, (await placement.WidenAsync(Tenant("big"), 4, default)).Version);
    }

    [Fact]
    public void ViewsAreNumbered_AndUnchanged()
    {
        var first = PlacementView.Create(1, 256, 1, []);
        var second = first.WithWidth(Tenant("t"), 2);

        Assert.Equal((1, 2), (first.Version, second.Version));
        Assert.Equal((1, 2), (first.Of(Tenant("t")).Width, second.Of(Tenant("t")).Width));
        Assert.True(second.Of(Tenant("t")).Used.Contains(first.Of(Tenant("t")).PartitionOf(42)));
        Assert.IsType<PartitionId>(second.Of(Tenant("t")).PartitionOf(42));
    }

    private static TenantId Tenant(string name) => TenantId.TryParse(name, out var tenant, out _) ? tenant : throw new ArgumentException(name);
}
