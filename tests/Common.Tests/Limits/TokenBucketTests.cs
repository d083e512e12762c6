using Deucalion.Common.Limits;
using Deucalion.Testing;
using Xunit;

namespace Deucalion.Common.Tests.Limits;

public sealed class TokenBucketTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void BeginsFull_AndFillsAtItsRate()
    {
        var bucket = new TokenBucket(_time);
        Assert.True(bucket.TryTake(50, 10, 50, out _));
        Assert.False(bucket.TryTake(1, 10, 50, out var wait));
        Assert.Equal(TimeSpan.FromMilliseconds(100), wait);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(bucket.TryTake(20, 10, 50, out wait));
        Assert.Equal(TimeSpan.Zero, wait);
        Assert.False(bucket.TryTake(1, 10, 50, out _));
    }

    [Fact]
    public void TakesAllOrNothing()
    {
        var bucket = new TokenBucket(_time);
        Assert.True(bucket.TryTake(7, 1, 10, out _));
        Assert.False(bucket.TryTake(4, 1, 10, out _));
        Assert.True(bucket.TryTake(3, 1, 10, out _));
    }

    [Fact]
    public void KeepsNoMoreThanTheBurst()
    {
        var bucket = new TokenBucket(_time);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(bucket.TryTake(10, 5, 10, out _));
        Assert.False(bucket.TryTake(1, 5, 10, out _));
    }

    [Fact]
    public void WaitsForEver_WhenMoreIsAskedThanTheBurst()
    {
        var bucket = new TokenBucket(_time);
        Assert.False(bucket.TryTake(11, 5, 10, out var wait));
        Assert.Equal(Timeout.InfiniteTimeSpan, wait);
        Assert.True(bucket.TryTake(10, 5, 10, out _));
    }

    [Fact]
    public void FollowsChangesOfRateAndBurst()
    {
        var bucket = new TokenBucket(_time);
        Assert.True(bucket.TryTake(100, 10, 100, out _));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(bucket.TryTake(1000, 1000, 1000, out _));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(bucket.TryTake(6, 1, 5, out _));
        Assert.True(bucket.TryTake(5, 1, 5, out _));
    }

    [Fact]
    public void GivesNoMore_WhenTheRateIsTiny()
    {
        var bucket = new TokenBucket(_time);
        Assert.True(bucket.TryTake(1, 1e-30, 1, out _));
        Assert.False(bucket.TryTake(1, 1e-30, 1, out var wait));
        Assert.Equal(TimeSpan.FromDays(1), wait);
    }
}
