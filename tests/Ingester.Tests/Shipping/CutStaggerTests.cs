using Deucalion.Common.Identifiers;
using Deucalion.Ingester.Shipping;
using Xunit;

namespace Deucalion.Ingester.Tests.Shipping;

public sealed class CutStaggerTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    [Fact]
    public void GivesEachPartitionOneTurnAPeriod_SpreadEvenly()
    {
        var turns = new int[40];
        for (var partition = 0; partition < 256; partition++)
        {
            var mine = Enumerable.Range(1000, 40).Where(tick => CutStagger.IsTurn(new PartitionId(partition), tick, Interval, TimeSpan.FromMinutes(10))).ToList();
            turns[Assert.Single(mine) - 1000]++;
        }

        Assert.All(turns, x => Assert.InRange(x, 5, 8));
    }

    [Fact]
    public void GivesEachPartitionEveryTurn_WithoutStagger() =>
        Assert.All(Enumerable.Range(0, 100), tick => Assert.True(CutStagger.IsTurn(new PartitionId(tick), tick, Interval, TimeSpan.Zero)));
}
