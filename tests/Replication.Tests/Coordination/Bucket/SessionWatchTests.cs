using Deucalion.Replication.Coordination.Bucket;
using Xunit;

namespace Replication.Tests.Coordination.Bucket;

public sealed class SessionWatchTests
{
    private static readonly BucketStoreOptions Options = new();
    private readonly SessionWatch _watch = new(Options.LongestGap, BucketStoreOptions.FewestReads);

    [Fact]
    public void IsAlive_WhileItIsRenewed()
    {
        for (var second = 0; second < 600; second += 8)
        {
            See($"{second / 14}", second);
            Assert.False(_watch.IsDead(Options.TimeToLive));
        }
    }

    [Fact]
    public void IsDead_OnceItStoodUnchangedForItsWholeTime()
    {
        for (var second = 0; second <= 24; second += 8)
        {
            See("1", second);
            Assert.False(_watch.IsDead(Options.TimeToLive));
        }

        Assert.Equal(TimeSpan.FromSeconds(30), _watch.DeadAt(Options.TimeToLive));
        _watch.Seen("1", TimeSpan.FromSeconds(29.9), TimeSpan.FromSeconds(30.5));
        Assert.False(_watch.IsDead(Options.TimeToLive));
        See("1", 30);
        Assert.True(_watch.IsDead(Options.TimeToLive));
        See("2", 31);
        Assert.False(_watch.IsDead(Options.TimeToLive));
    }

    [Fact]
    public void StartsAnew_AfterAGap()
    {
        See("1", 0);
        See("1", 8);
        See("1", 16);

        // The observer slept, or the store could not be reached.
        See("1", 100);
        Assert.False(_watch.IsDead(Options.TimeToLive));
        for (var second = 108; second < 130; second += 8)
        {
            See("1", second);
            Assert.False(_watch.IsDead(Options.TimeToLive));
        }

        See("1", 130);
        Assert.True(_watch.IsDead(Options.TimeToLive));
    }

    [Fact]
    public void ForgivesAReadThatFailed_AndWasRepeatedSoon()
    {
        foreach (var second in (int[])[0, 8, 22, 30])
        {
            See("1", second);
        }

        Assert.True(_watch.IsDead(Options.TimeToLive));
    }

    [Fact]
    public void IsNotDead_ByTwoReadsFarApart()
    {
        var watch = new SessionWatch(TimeSpan.FromHours(1), BucketStoreOptions.FewestReads);
        watch.Seen("1", TimeSpan.Zero, TimeSpan.Zero);
        watch.Seen("1", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        Assert.False(watch.IsDead(Options.TimeToLive));
    }

    [Fact]
    public void CountsFromTheEndOfTheFirstReadToTheBeginningOfTheLast()
    {
        // Reads that take 5 s: what the first showed may have been written just before it ended.
        foreach (var second in (int[])[0, 8, 16, 24, 32])
        {
            _watch.Seen("1", TimeSpan.FromSeconds(second), TimeSpan.FromSeconds(second + 5));
        }

        Assert.False(_watch.IsDead(Options.TimeToLive));
        _watch.Seen("1", TimeSpan.FromSeconds(35), TimeSpan.FromSeconds(40));
        Assert.True(_watch.IsDead(Options.TimeToLive));
    }

    /// <summary>
    /// Owners that renew as they should, slow stores, outages, sleeping observers: when the observer may end the session, the owner has known for some time
    /// that it is lost.
    /// </summary>
    [Fact]
    public void EndsNobodyWhoStillBelievesToHoldIt_WhateverHappens()
    {
        var deaths = 0;
        for (var seed = 0; seed < 10_000; seed++)
        {
            deaths += Simulate(new Random(seed), seed) ? 1 : 0;
        }

        Assert.True(deaths > 100, $"only {deaths} of the runs came to a death: they prove little");
    }

    private static bool Simulate(Random random, int seed)
    {
        var watch = new SessionWatch(Options.LongestGap, BucketStoreOptions.FewestReads);
        var end = random.Next(200, 400);
        var slowness = random.Next(1, 12);
        var ownersOutage = Outage(random);
        var observersOutage = random.Next(2) == 0 ? ownersOutage : Outage(random);
        var ownerDies = random.Next(3) == 0 ? random.Next(20, 200) : end;
        double renewAt = 0, validUntil = 0;
        var commits = new List<(double At, int Counter)>();
        var read = Read(random.Next(8));
        while (Math.Min(renewAt, read.Began) < end)
        {
            if (renewAt < read.Happens)
            {
                var (began, latency) = (renewAt, random.NextDouble() * random.Next(1, slowness + 1));
                if (began >= ownerDies || (validUntil > 0 && began >= validUntil))
                {
                    renewAt = double.MaxValue;
                    continue;
                }

                var isCut = Overlaps(ownersOutage, began, latency);
                if (!isCut || random.Next(2) == 0)
                {
                    // A renewal that is cut off may take effect all the same.
                    commits.Add((began + (latency * random.NextDouble()), commits.Count + 1));
                }

                validUntil = isCut ? validUntil : began + (Options.TimeToLive - Options.Margin).TotalSeconds;
                renewAt = began + (isCut ? Options.RequestTimeout + Options.RetryInterval : TimeSpan.FromSeconds(latency) + Options.RenewInterval).TotalSeconds;
                continue;
            }

            var (readBegan, readsAt, readEnded) = read;
            read = Read(Math.Max(readBegan + Options.PollInterval.TotalSeconds, readEnded) + (random.Next(20) == 0 ? random.Next(60) : 0));
            if (Overlaps(observersOutage, readBegan, readEnded - readBegan))
            {
                continue;
            }

            var shown = commits.Where(c => c.At <= readsAt).Select(static c => c.Counter).DefaultIfEmpty(0).Last();
            watch.Seen($"{shown}", TimeSpan.FromSeconds(readBegan), TimeSpan.FromSeconds(readEnded));
            if (watch.DeadAt(Options.TimeToLive).TotalSeconds is var deadAt && deadAt > readEnded && deadAt < read.Began)
            {
                read = Read(deadAt);
            }

            // Whoever ends it does so on condition of this very revision: a renewal that came meanwhile keeps it alive.
            if (shown > 0 && watch.IsDead(Options.TimeToLive) && !commits.Exists(c => c.Counter > shown))
            {
                Assert.True(validUntil <= readEnded, $"seed {seed}: ended at {readEnded}, the owner counts on it until {validUntil}");
                return true;
            }
        }

        return false;

        (double Began, double Happens, double Ended) Read(double at)
        {
            var latency = random.NextDouble() * random.Next(1, slowness + 1);
            return (at, at + (latency * random.NextDouble()), at + latency);
        }
    }

    private static (int From, int To) Outage(Random random)
    {
        var from = random.Next(20, 200);
        return random.Next(2) == 0 ? (from, from + random.Next(60)) : (int.MaxValue, int.MaxValue);
    }

    private static bool Overlaps((int From, int To) outage, double start, double length) => start + length >= outage.From && start <= outage.To;

    private void See(string tag, int second) => _watch.Seen(tag, TimeSpan.FromSeconds(second), TimeSpan.FromSeconds(second));
}
