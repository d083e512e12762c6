using Deucalion.Common.Identifiers;
using Deucalion.Common.Manifests;
using Deucalion.Common.Tenants;
using Deucalion.Compactor.Retention;
using Xunit;

namespace Deucalion.Compactor.Tests.Retention;

public sealed class RetentionPlannerTests
{
    private const long Hour = 3_600_000;

    [Fact]
    public void KeepsAll_WithoutBounds() => Assert.Empty(Plan(RetentionPolicy.KeepAll, Manifest(0, Block("a", 1, 10), Block("b", 2, 10))));

    [Fact]
    public void RemovesBlocksWhollyOlderThanTheAge()
    {
        var plan = Plan(new RetentionPolicy(TimeSpan.FromHours(50), null), Manifest(0, Block("a", 49, 1), Block("b", 50, 1), Block("c", 51, 1)));
        Assert.Equal(["a:Age", "b:Age"], plan);
    }

    [Fact]
    public void RemovesTheOldestOfAllPartitions_WhenTheyAreTooLargeTogether()
    {
        var plan = Plan(
            new RetentionPolicy(null, 30),
            Manifest(0, Block("a", 10, 10), Block("c", 30, 10)),
            Manifest(1, Block("b", 20, 15), Block("d", 40, 10)));
        Assert.Equal(["a:Size", "b:Size"], plan);
    }

    [Fact]
    public void LeavesNoHole_WhenAnOlderBlockWouldStillFit()
    {
        var plan = Plan(new RetentionPolicy(null, 12), Manifest(0, Block("small", 10, 1), Block("large", 20, 10), Block("new", 30, 10)));
        Assert.Equal(["large:Size", "small:Size"], plan);
    }

    [Fact]
    public void CountsTheSizeOfWhatAgeLeaves()
    {
        var plan = Plan(new RetentionPolicy(TimeSpan.FromHours(50), 10), Manifest(0, Block("a", 40, 100), Block("b", 60, 10)));
        Assert.Equal(["a:Age"], plan);
    }

    private static List<string> Plan(RetentionPolicy policy, params Manifest[] manifests) =>
        [.. RetentionPlanner.Plan(manifests, policy, 100 * Hour).Values.SelectMany(x => x).Select(x => $"{x.Block.Ulid}:{x.Cause}").Order(StringComparer.Ordinal)];

    private static Manifest Manifest(int partition, params ManifestBlock[] blocks) =>
        new() { Tenant = TenantId.Anonymous, Partition = new PartitionId(partition), Blocks = blocks };

    private static ManifestBlock Block(string ulid, long maxHour, long bytes) => new()
    {
        Ulid = ulid,
        MinTime = (maxHour - 1) * Hour,
        MaxTime = maxHour * Hour,
        Generations = [1],
        Level = 1,
        Bytes = bytes,
        Series = 1,
        Samples = 1,
    };
}
