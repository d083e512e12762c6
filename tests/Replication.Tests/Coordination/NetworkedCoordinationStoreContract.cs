using Deucalion.Replication.Coordination;
using Xunit;

namespace Replication.Tests.Coordination;

/// <summary>What a coordination store promises that is reached over a network: what happens while a process, or everybody, is cut off from it.</summary>
public abstract class NetworkedCoordinationStoreContract : CoordinationStoreContract
{
    [Fact]
    public async Task SaysSo_WhenItCannotBeReached()
    {
        var process = await StartAsync();
        var revision = await process.Store.PutIfAsync("a", Bytes("1"), null, Token);
        process.Cut(true);

        await Assert.ThrowsAsync<CoordinationException>(async () => await process.Store.GetAsync("a", Token));
        await Assert.ThrowsAsync<CoordinationException>(async () => await process.Store.PutIfAsync("b", Bytes("2"), null, Token));
        await Assert.ThrowsAsync<CoordinationException>(async () => await process.Store.DeleteIfAsync("a", revision!, Token));
        await Assert.ThrowsAsync<CoordinationException>(async () => await process.Store.ListAsync(string.Empty, Token));
        await Assert.ThrowsAsync<CoordinationException>(async () => await process.Store.TryAcquireLeaseAsync("l", "node", TimeToLive, Token));

        process.Cut(false);
        Assert.Equal("1", Text(await EventuallyAsync(() => process.Store.GetAsync("a", Token))));
        Assert.NotNull(await EventuallyAsync(() => process.Store.PutIfAsync("c", Bytes("3"), null, Token)));
    }

    [Fact]
    public async Task TheOwnerKnowsThatItLostTheLease_BeforeAnotherHasIt()
    {
        var owner = await StartAsync();
        var lease = await owner.Store.TryAcquireLeaseAsync("coordinator", "node1", TimeToLive, Token);
        var document = await owner.Store.PutIfAsync("d", Bytes("x"), null, Token);
        owner.Cut(true);

        await using var taken = await AcquireAsync(First, "coordinator", "node2");
        Assert.True(lease!.Lost.IsCancellationRequested);
        Assert.True(taken.FencingToken > lease.FencingToken);

        owner.Cut(false);
        await lease.DisposeAsync();
        Assert.NotNull(await EventuallyAsync(() => owner.Store.PutIfAsync("d", Bytes("y"), document, Token)));
        Assert.Null(await EventuallyAsync(() => owner.Store.TryAcquireLeaseAsync("coordinator", "node1", TimeToLive, Token)));
        Assert.False(taken.Lost.IsCancellationRequested);
        await taken.DisposeAsync();
        await using var again = await AcquireAsync(owner.Store, "coordinator", "node1");
        Assert.True(again.FencingToken > taken.FencingToken);
    }

    [Fact]
    public async Task ALeaseSurvives_WhenItsOwnerIsCutOffForAMoment()
    {
        var owner = await StartAsync();
        await using var lease = await owner.Store.TryAcquireLeaseAsync("coordinator", "node1", TimeToLive, Token);
        using var timer = new PeriodicTimer(TimeToLive / 5);
        for (var tick = 0; tick < 15; tick++)
        {
            owner.Cut(tick % 5 == 3);
            Assert.Null(await AskAsync(First, "coordinator", "node2", Token));
            await timer.WaitForNextTickAsync(Token);
        }

        Assert.False(lease!.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task AWatchGoesOn_WhenAnOutageIsOver()
    {
        var watcher = await StartAsync();
        var state = new WatchedState();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var gone = await First.PutIfAsync("w/gone", Bytes("1"), null, Token);
        var changed = await First.PutIfAsync("w/changed", Bytes("1"), null, Token);
        var watching = Task.Run(() => state.FollowAsync(watcher.Store, "w/", stop.Token), Token);
        await state.BecomesAsync([("w/changed", changed!, "1"), ("w/gone", gone!, "1")], WatchPatience, Token);

        watcher.Cut(true);
        await First.DeleteIfAsync("w/gone", gone!, Token);
        changed = await First.PutIfAsync("w/changed", Bytes("2"), changed, Token);
        var added = await First.PutIfAsync("w/added", Bytes("1"), null, Token);
        using (var timer = new PeriodicTimer(TimeToLive))
        {
            await timer.WaitForNextTickAsync(Token);
        }

        watcher.Cut(false);
        await state.BecomesAsync([("w/added", added!, "1"), ("w/changed", changed!, "2")], WatchPatience, Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    /// <summary>Tries until the store can be reached again.</summary>
    private async Task<T> EventuallyAsync<T>(Func<ValueTask<T>> action)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(WatchPatience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                return await action();
            }
            catch (CoordinationException)
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
    }
}
