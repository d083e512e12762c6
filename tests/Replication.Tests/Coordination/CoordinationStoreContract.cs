using Deucalion.Replication.Coordination;
using Xunit;

namespace Replication.Tests.Coordination;

/// <summary>What every coordination store promises: documents, and leases.</summary>
public abstract class CoordinationStoreContract : CoordinationDocumentContract
{
    /// <summary>Time to live of the leases here: as short as the store allows.</summary>
    protected abstract TimeSpan TimeToLive { get; }

    /// <summary>How long it may take until the lease of a dead owner can be taken, on a busy machine.</summary>
    protected virtual TimeSpan TakeoverPatience => (TimeToLive * 3) + TimeSpan.FromSeconds(60);

    [Fact]
    public async Task ALeaseHasOneHolder_AndTokensThatGrow()
    {
        var lease = await First.TryAcquireLeaseAsync("coordinator", "node1", TimeToLive, Token);
        Assert.NotNull(lease);
        Assert.Equal("coordinator", lease.Name);
        Assert.Null(await Second.TryAcquireLeaseAsync("coordinator", "node2", TimeToLive, Token));
        Assert.Null(await First.TryAcquireLeaseAsync("coordinator", "node1", TimeToLive, Token));
        await using var other = await Second.TryAcquireLeaseAsync("ruler/1", "node2", TimeToLive, Token);
        Assert.NotNull(other);
        Assert.False(lease.Lost.IsCancellationRequested);
        var token = lease.FencingToken;
        await lease.DisposeAsync();

        await using var next = await AcquireAsync(Second, "coordinator", "node2");
        Assert.True(next.FencingToken > token);
        Assert.False(other.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task LeasesOfAPrefixAreSeen_WithHolderAndToken()
    {
        await using var a = await First.TryAcquireLeaseAsync("nodes/a", "owner-a", TimeToLive, Token);
        await using var b = await Second.TryAcquireLeaseAsync("nodes/b", "owner-b", TimeToLive, Token);
        await using var other = await Second.TryAcquireLeaseAsync("coordinator", "owner-b", TimeToLive, Token);

        foreach (var observer in (ICoordinationStore[])[First, Second])
        {
            Assert.Equal(
                [new LeaseSight("nodes/a", "owner-a", a!.FencingToken, true), new LeaseSight("nodes/b", "owner-b", b!.FencingToken, true)],
                await observer.LeasesAsync("nodes/", Token));
            Assert.Equal(["coordinator"], (await observer.LeasesAsync("coordinator", Token)).Select(static lease => lease.Name));
            Assert.Equal(3, (await observer.LeasesAsync(string.Empty, Token)).Count);
            Assert.Empty(await observer.LeasesAsync("ruler/", Token));
        }
    }

    [Fact]
    public async Task ALeaseThatWasReleased_IsNotSeenAlive_AndItsNextHolderIs()
    {
        var lease = await First.TryAcquireLeaseAsync("nodes/a", "first", TimeToLive, Token);
        Assert.Single(await Second.LeasesAsync("nodes/", Token), static seen => seen.IsAlive);
        await lease!.DisposeAsync();

        Assert.DoesNotContain(await First.LeasesAsync("nodes/", Token), static seen => seen.IsAlive);
        Assert.DoesNotContain(await Second.LeasesAsync("nodes/", Token), static seen => seen.IsAlive);
        await using var next = await Second.TryAcquireLeaseAsync("nodes/a", "second", TimeToLive, Token);

        Assert.Equal([new LeaseSight("nodes/a", "second", next!.FencingToken, true)], await First.LeasesAsync("nodes/", Token));
    }

    [Fact]
    public async Task ObserversAreNotInTheWay_OfWhoeverTakesALease()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var observer = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await Second.LeasesAsync("nodes/", Token);
                }
            },
            Token);
        for (var i = 0; i < 100; i++)
        {
            var lease = await First.TryAcquireLeaseAsync("nodes/a", "owner", TimeToLive, Token);
            Assert.NotNull(lease);
            await lease.DisposeAsync();
        }

        await stop.CancelAsync();
        await observer;
    }

    [Fact]
    public async Task ExactlyOneGetsTheLease_WhenManyTryAtOnce()
    {
        for (var round = 0; round < 3; round++)
        {
            var name = $"contended/{round}";
            var leases = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
                async () => await (i % 2 == 0 ? First : Second).TryAcquireLeaseAsync(name, $"node{i}", TimeToLive, Token), Token)));
            await using var lease = Assert.Single(leases, static l => l is not null)!;
            Assert.Null(await First.TryAcquireLeaseAsync(name, "late", TimeToLive, Token));
            Assert.Null(await Second.TryAcquireLeaseAsync(name, "late", TimeToLive, Token));
        }
    }

    [Fact]
    public async Task ALeaseStaysHeld_WhileItsOwnerLives()
    {
        await using var lease = await First.TryAcquireLeaseAsync("held", "node1", TimeToLive, Token);
        using var timer = new PeriodicTimer(TimeToLive / 10);
        for (var tick = 0; tick < 30; tick++)
        {
            Assert.Null(await AskAsync(Second, "held", "node2", Token));
            await timer.WaitForNextTickAsync(Token);
        }

        Assert.False(lease!.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task ALeaseFallsFree_WhenItsOwnerDies()
    {
        var owner = await StartAsync();
        var lease = await owner.Store.TryAcquireLeaseAsync("coordinator", "node1", TimeToLive, Token);
        var second = await owner.Store.TryAcquireLeaseAsync("other", "node1", TimeToLive, Token);
        Assert.Null(await First.TryAcquireLeaseAsync("coordinator", "node2", TimeToLive, Token));
        await owner.KillAsync();

        await using var taken = await AcquireAsync(First, "coordinator", "node2");
        await using var other = await AcquireAsync(Second, "other", "node3");
        Assert.True(taken.FencingToken > lease!.FencingToken);
        Assert.True(other.FencingToken > second!.FencingToken);
        Assert.Null(await Second.TryAcquireLeaseAsync("coordinator", "node3", TimeToLive, Token));
    }

    [Fact]
    public async Task ExactlyOneTakesOver_WhenManyWaitForADeadOwner()
    {
        var owner = await StartAsync();
        var lease = await owner.Store.TryAcquireLeaseAsync("coordinator", "node1", TimeToLive, Token);
        await owner.KillAsync();
        var found = new List<ICoordinationLease>();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => WaitAsync(i % 2 == 0 ? First : Second, $"node{i}"), Token)));

        Assert.True(Assert.Single(found).FencingToken > lease!.FencingToken);
        Assert.False(found[0].Lost.IsCancellationRequested);
        await found[0].DisposeAsync();

        async Task WaitAsync(ICoordinationStore store, string name)
        {
            try
            {
                var taken = await AcquireAsync(store, "coordinator", name, enough.Token);
                lock (found)
                {
                    found.Add(taken);
                }

                // The others have some time left in which they must not get it.
                enough.CancelAfter(TimeToLive / 2);
            }
            catch (OperationCanceledException) when (enough.IsCancellationRequested)
            {
            }
        }
    }

    [Fact]
    public async Task ReleasingTwice_DoesNotHarmTheNextHolder()
    {
        var lease = await First.TryAcquireLeaseAsync("coordinator", "node1", TimeToLive, Token);
        await lease!.DisposeAsync();
        await using var next = await Second.TryAcquireLeaseAsync("coordinator", "node2", TimeToLive, Token);
        await lease.DisposeAsync();

        Assert.True(lease.Lost.IsCancellationRequested);
        Assert.NotNull(next);
        Assert.Null(await First.TryAcquireLeaseAsync("coordinator", "node1", TimeToLive, Token));
        Assert.False(next.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task LeasesAndDocumentsOfOneName_AreTwoThings()
    {
        var revision = await First.PutIfAsync("nodes/1", Bytes("record"), null, Token);
        await using var lease = await First.TryAcquireLeaseAsync("nodes/1", "1", TimeToLive, Token);

        Assert.NotNull(lease);
        Assert.Equal("record", Text(await Second.GetAsync("nodes/1", Token)));
        Assert.True(await Second.DeleteIfAsync("nodes/1", revision!, Token));
        Assert.Null(await Second.TryAcquireLeaseAsync("nodes/1", "2", TimeToLive, Token));
    }

    /// <summary>Tries once; a store that does not answer just now did not give it.</summary>
    protected async Task<ICoordinationLease?> AskAsync(ICoordinationStore store, string name, string owner, CancellationToken cancellationToken)
    {
        try
        {
            return await store.TryAcquireLeaseAsync(name, owner, TimeToLive, cancellationToken);
        }
        catch (CoordinationException)
        {
            return null;
        }
    }

    /// <summary>Tries until the lease is taken, as those do who wait for it.</summary>
    protected Task<ICoordinationLease> AcquireAsync(ICoordinationStore store, string name, string owner) => AcquireAsync(store, name, owner, Token);

    /// <summary>Tries until the lease is taken or the token is cancelled.</summary>
    protected async Task<ICoordinationLease> AcquireAsync(ICoordinationStore store, string name, string owner, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TakeoverPatience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (true)
            {
                if (await AskAsync(store, name, owner, limit.Token) is { } lease)
                {
                    return lease;
                }

                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{owner} did not get the lease {name} within {TakeoverPatience}");
        }
    }
}
