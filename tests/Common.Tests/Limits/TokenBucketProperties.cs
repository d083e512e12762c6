using Deucalion.Common.Limits;
using Deucalion.Testing;
using Xunit;

namespace Deucalion.Common.Tests.Limits;

public sealed class TokenBucketProperties
{
    [Fact]
    public void NeverGivesMoreThanBurstAndRateTimesTime_WhateverIsAskedWhen()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var time = new ManualTime();
            var bucket = new TokenBucket(time);
            var (rate, burst) = (random.Next(1, 5000), random.Next(1, 20_000));
            var begin = time.GetTimestamp();
            long taken = 0;
            for (var step = 0; step < 200; step++)
            {
                time.Advance(TimeSpan.FromTicks(random.NextInt64(0, TimeSpan.TicksPerSecond >> random.Next(12))));
                var asked = random.Next(1, (2 * burst) + 1);
                taken += bucket.TryTake(asked, rate, burst, out _) ? asked : 0;
                Assert.True(taken <= burst + (rate * time.GetElapsedTime(begin).TotalSeconds) + 1e-6, $"seed {seed}: {taken} at step {step}");
            }
        }
    }

    [Fact]
    public void GivesWhatWasAsked_OnceTheWaitIsOver()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var time = new ManualTime();
            var bucket = new TokenBucket(time);
            var (rate, burst) = (random.Next(1, 5000), random.Next(1, 20_000));
            for (var step = 0; step < 50; step++)
            {
                var asked = random.Next(1, burst + 1);
                if (!bucket.TryTake(asked, rate, burst, out var wait))
                {
                    // A tick more: the wait is rounded.
                    time.Advance(wait + TimeSpan.FromTicks(1));
                    Assert.True(bucket.TryTake(asked, rate, burst, out _), $"seed {seed}, step {step}");
                }
            }
        }
    }

    [Fact]
    public async Task NeverGivesMore_WhenManyAskAtOnce()
    {
        var bucket = new TokenBucket(new ManualTime());
        var taken = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                if (bucket.TryTake(3, 100, 1000, out var _))
                {
                    Interlocked.Add(ref taken, 3);
                }
            }
        })));
        Assert.Equal(999, taken);
    }
}
