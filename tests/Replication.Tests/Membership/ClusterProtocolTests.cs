using Deucalion.Replication.Membership;
using Xunit;

namespace Deucalion.Replication.Tests.Membership;

public sealed class ClusterProtocolTests
{
    [Fact]
    public void InEffectIsWhatAllLiveNodesSpeak_AndNoMoreThanThisProgramDoes()
    {
        Assert.Equal(2, ClusterProtocol.InEffect([], oldest: 2, newest: 3));
        Assert.Equal(2, ClusterProtocol.InEffect([Node(1, 2, 3), Node(2, 2, 3), Node(3, 1, 2)], oldest: 2, newest: 3));
        Assert.Equal(3, ClusterProtocol.InEffect([Node(1, 2, 3), Node(2, 2, 3), Node(3, 3, 4)], oldest: 2, newest: 3));
        Assert.Equal(ClusterProtocol.Newest, ClusterProtocol.InEffect([Node(1, 1, ClusterProtocol.Newest + 5)]));
    }

    [Fact]
    public void RisesWithTheLastNode_AndFallsWithTheFirstThatIsTakenBack()
    {
        var versions = new List<int>();
        var nodes = new[] { Node(1, 1, 1), Node(2, 1, 1), Node(3, 1, 1) };
        foreach (var newest in new[] { 2, 1 })
        {
            for (var i = 0; i < nodes.Length; i++)
            {
                nodes[i] = Node(i + 1, 1, newest);
                versions.Add(ClusterProtocol.InEffect(nodes, oldest: 1, newest: 2));
            }
        }

        Assert.Equal([1, 1, 2, 1, 1, 1], versions);
    }

    [Theory]
    [InlineData(2, 3, 1, 2, true, null)]
    [InlineData(2, 3, 3, 4, true, null)]
    [InlineData(2, 3, 4, 5, true, "too old for this cluster")]
    [InlineData(2, 3, 4, 5, false, "too old for this cluster")]
    [InlineData(2, 3, 1, 1, true, "too new for this cluster")]
    [InlineData(2, 3, 1, 1, false, null)]
    public void AProgramJoins_WhereItHasAVersionInCommonWithAll(int oldest, int newest, int otherOldest, int otherNewest, bool otherIsAlive, string? refusal)
    {
        var others = new[] { new NodeSight(Node(2, oldest, newest), true), new NodeSight(Node(3, otherOldest, otherNewest), otherIsAlive) };

        var said = ClusterProtocol.Refusal(Node(1, oldest, newest), others);

        Assert.Equal(refusal is null, said is null);
        if (refusal is not null)
        {
            Assert.Contains(refusal, said!, StringComparison.Ordinal);
            Assert.Contains($"1.{otherNewest}.0", said!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AProgramTakesOverFromAMuchEarlierOneOfItsNode_AndNotFromALaterOneThatItCannotRead()
    {
        Assert.Null(ClusterProtocol.Refusal(Node(1, 5, 6), [new NodeSight(Node(1, 1, 2), true)]));
        Assert.NotNull(ClusterProtocol.Refusal(Node(1, 1, 2), [new NodeSight(Node(1, 5, 6), false)]));
    }

    private static NodeRecord Node(int number, int oldest, int newest) =>
        TestNodes.Record(number) with { Protocol = newest, OldestProtocol = oldest, Version = $"1.{newest}.0" };
}
