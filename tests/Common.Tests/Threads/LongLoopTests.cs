using Deucalion.Common.Threads;
using Xunit;

namespace Deucalion.Common.Tests.Threads;

public sealed class LongLoopTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(300_000)]
    public void CallsTheBodyInOrder_WhereverItRuns(int count)
    {
        var seen = new List<int>();
        LongLoop.Run(count, seen.Add, CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, count), seen);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public void ThrowsWhatTheBodyThrew_AndGoesNoFurther(int count)
    {
        var calls = 0;
        var e = Assert.Throws<InvalidDataException>(() => LongLoop.Run(
            count,
            i =>
            {
                calls++;
                if (i == count / 2)
                {
                    throw new InvalidDataException("here");
                }
            },
            CancellationToken.None));
        Assert.Equal("here", e.Message);
        Assert.Equal((count / 2) + 1, calls);
    }

    [Fact]
    public void LeavesTheCallersThread_OnlyWhereItIsLong()
    {
        var here = Environment.CurrentManagedThreadId;
        LongLoop.Run(1000, _ => Assert.Equal(here, Environment.CurrentManagedThreadId), CancellationToken.None);
        LongLoop.Run(10_000, _ => Assert.NotEqual(here, Environment.CurrentManagedThreadId), CancellationToken.None);
    }

    [Fact]
    public void RunsWithinAnother_WithoutWaitingForAThread()
    {
        // As many as there are threads are at it: none is left for the inner loops.
        var loops = Environment.ProcessorCount + 2;
        var total = 0;
        Parallel.For(0, loops, _ => LongLoop.Run(
            5000,
            i =>
            {
                if (i == 10)
                {
                    LongLoop.Run(5000, _ => Interlocked.Increment(ref total), CancellationToken.None);
                }
            },
            CancellationToken.None));
        Assert.Equal(5000 * loops, total);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Ends_WhenCanceled(bool within)
    {
        using var client = new CancellationTokenSource();
        if (!within)
        {
            client.Cancel();
        }

        var calls = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => LongLoop.Run(
            int.MaxValue,
            i =>
            {
                calls++;
                if (i == 100_000)
                {
                    client.Cancel();
                }
            },
            client.Token));
        Assert.InRange(calls, 0, 102_000);
        var before = calls;
        Assert.Equal(before, calls);
    }

    [Fact]
    public async Task EndsBeforeItsTurnComes_WhenCanceled()
    {
        using var blocked = new ManualResetEventSlim();
        using var entered = new CountdownEvent(Environment.ProcessorCount);
        var blockers = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(() => LongLoop.Run(
            5000,
            i =>
            {
                if (i == 0)
                {
                    entered.Signal();
                    blocked.Wait();
                }
            },
            CancellationToken.None))).ToArray();
        entered.Wait();
        using var client = new CancellationTokenSource(50);
        var calls = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => LongLoop.Run(5000, _ => calls++, client.Token));
        Assert.Equal(0, calls);
        blocked.Set();
        await Task.WhenAll(blockers);
        Assert.Equal(0, calls);
    }
}
