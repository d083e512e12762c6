using System.Text;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Placement;
using Testing.Disk;
using Xunit;

namespace Deucalion.Replication.Tests.Placement;

public sealed class PlacementNumbersTests
{
    private static readonly ReplicaNumbers Three = ReplicaNumbers.WithMajority(3);
    private readonly LocalFileStore _store = new(new SimulatedDisk(1), "/c", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1));

    [Fact]
    public async Task ADocumentWithoutNumbers_WantsOneReplica_AndKeepsItsWidths()
    {
        await PutAsync("""{"version":7,"partitions":256,"widths":{"anonymous":4,"big":8}}""");

        var view = await new PlacementStore(_store).LoadOrCreateAsync(16, 1, Three, default);

        Assert.Equal((7, 256, ReplicaNumbers.One), (view.Version, view.Partitions, view.Numbers));
        Assert.Equal(4, view.Of(TenantId.Anonymous).Width);
    }

    [Fact]
    public async Task ANewClusterBeginsWithTheNumbersGiven()
    {
        var view = await new PlacementStore(_store).LoadOrCreateAsync(256, 4, Three, default);

        Assert.Equal((3, 2), (view.Numbers.ReplicationFactor, view.Numbers.MinInSync));
        Assert.Equal(view.Numbers, (await new PlacementStore(_store).LoadAsync(default))!.Numbers);
    }

    [Fact]
    public async Task OnePartitionKeepsNumbersOfItsOwn_UntilAllAreSet()
    {
        var placement = new PlacementStore(_store);
        await placement.LoadOrCreateAsync(256, 4, default);
        var five = new ReplicaNumbers(5, 3);

        var view = await placement.SetNumbersAsync(new PartitionId(17), five, default);
        Assert.Equal((five, ReplicaNumbers.One), (view.NumbersOf(new PartitionId(17)), view.NumbersOf(new PartitionId(18))));
        view = await placement.SetNumbersAsync(Three, default);

        Assert.Equal((Three, Three, 3L), (view.NumbersOf(new PartitionId(17)), view.NumbersOf(new PartitionId(18)), view.Version));
        Assert.Equal(4, view.Of(TenantId.Anonymous).Width);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await placement.SetNumbersAsync(new PartitionId(256), Three, default));
    }

    [Fact]
    public async Task KeepsFieldsThatItDoesNotKnow()
    {
        await PutAsync("""{"version":1,"partitions":256,"widths":{},"later":{"a":[1,2]},"numbers":{"5":{"rf":1,"minInSync":1,"since":9}}}""");

        await new PlacementStore(_store).SetNumbersAsync(new PartitionId(6), Three, default);
        Assert.Contains("\"since\":9", Encoding.UTF8.GetString((await _store.GetAsync("placement", default))!.Value.Span), StringComparison.Ordinal);
        await new PlacementStore(_store).SetNumbersAsync(Three, default);
        await new PlacementStore(_store).WidenAsync(TenantId.Anonymous, 2, default);

        var text = Encoding.UTF8.GetString((await _store.GetAsync("placement", default))!.Value.Span);
        Assert.Contains("\"later\":{\"a\":[1,2]}", text, StringComparison.Ordinal);
        Assert.Contains("\"rf\":3", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"version":1,"partitions":256,"widths":{},"rf":0,"minInSync":0}""")]
    [InlineData("""{"version":1,"partitions":256,"widths":{},"rf":2,"minInSync":3}""")]
    [InlineData("""{"version":1,"partitions":256,"widths":{},"numbers":{"x":{"rf":1,"minInSync":1}}}""")]
    [InlineData("""{"version":1,"partitions":256,"widths":{},"numbers":{"1":{"rf":10,"minInSync":1}}}""")]
    [InlineData("""{"version":1,"partitions":256,"widths":{},"numbers":{"1":null}}""")]
    public async Task RefusesADocument_ThatIsNotPossible(string text)
    {
        await PutAsync(text);

        await Assert.ThrowsAsync<CoordinationException>(async () => await new PlacementStore(_store).LoadAsync(default));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 0)]
    [InlineData(3, 4)]
    [InlineData(10, 1)]
    public void RefusesNumbers_ThatAreNotPossible(int replicationFactor, int minInSync)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReplicaNumbers(replicationFactor, minInSync));
    }

    private async Task PutAsync(string text) => Assert.NotNull(await _store.PutIfAsync("placement", Encoding.UTF8.GetBytes(text), null, default));
}
