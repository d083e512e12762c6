using Deucalion.Common.Identifiers;
using Deucalion.Ingester.Shipping;
using Xunit;

namespace Deucalion.Ingester.Tests.Shipping;

public sealed class CutScheduleTests
{
    private const long Minute = 60_000;
    private const long End = 1_000_000 * Minute;
    private static readonly PartitionId First = new(0);
    private readonly CutSchedule _schedule = new(new ShippingOptions(), 256);

    [Fact]
    public void IsDue_WhenTheNewestSampleHasPassedTheEndByHalfAWindow()
    {
        Assert.False(_schedule.IsDue(First, End, End + (60 * Minute) - 1, lastAppend: End, now: End));
        Assert.True(_schedule.IsDue(First, End, End + (60 * Minute), lastAppend: End, now: End));
    }

    [Fact]
    public void IsDue_WhenTheHeadHasBeenIdleForAnHour()
    {
        Assert.False(_schedule.IsDue(First, End, End - Minute, lastAppend: End, now: End + (60 * Minute) - 1));
        Assert.True(_schedule.IsDue(First, End, End - Minute, lastAppend: End, now: End + (60 * Minute)));
    }

    [Fact]
    public void SpreadsPartitionsOverTheStagger()
    {
        var due = Enumerable.Range(0, 256).Count(x => _schedule.IsDue(new PartitionId(x), End, End + (65 * Minute), End, End));
        Assert.InRange(due, 120, 136);
        Assert.All(Enumerable.Range(0, 256), x => Assert.True(_schedule.IsDue(new PartitionId(x), End, End + (70 * Minute), End, End)));
    }
}
