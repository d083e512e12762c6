using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;
using Deucalion.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Deucalion.Replication.Tests.Membership;

public sealed class NodeMembershipTests
{
    private readonly ManualTime _time = new();
    private readonly MemoryStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TakesTheLease_WritesTheRecord_AndGivesTheLeaseBack()
    {
        var node = Make(1, _store.Open());
        Assert.False(node.IsHeld);
        await node.StartAsync(Token);

        Assert.True(node.IsHeld);
        Assert.Equal((NodeState.Joining, 1L), (Stored(1).State, Stored(1).Lease));
        Assert.Equal(TestNodes.Name(1), _store.HolderOf($"nodes/{TestNodes.Name(1)}"));
        await node.DisposeAsync();

        Assert.False(node.IsHeld);
        Assert.Null(_store.HolderOf($"nodes/{TestNodes.Name(1)}"));
        Assert.Equal(TestNodes.Name(1), Stored(1).Id);
    }

    [Theory]
    [InlineData(8, 9, "too old")]
    [InlineData(0, 0, "too new")]
    public async Task DoesNotJoin_WhereItHasNoVersionInCommonWithALiveNode(int oldest, int newest, string refusal)
    {
        await using var other = new NodeMembership(
            _store.Open(),
            TestNodes.Record(2) with { OldestProtocol = oldest, Protocol = newest, Version = "9.8.7" },
            new MembershipOptions { LeaseTimeToLive = TimeSpan.FromSeconds(10) },
            TestNodes.Metrics(),
            _time,
            NullLogger<NodeMembership>.Instance);
        if (newest > 0)
        {
            await other.StartAsync(Token);
        }
        else
        {
            // No program of today would let it in.
            await _store.Open().TryAcquireLeaseAsync($"nodes/{TestNodes.Name(2)}", TestNodes.Name(2), TimeSpan.FromSeconds(10), Token);
            _store.Put($"nodes/{TestNodes.Name(2)}", other.Record.Serialize(), null);
        }

        await using var node = Make(1, _store.Open());
        var refused = await Assert.ThrowsAsync<VersionRefusedException>(() => node.StartAsync(Token));

        Assert.Contains(refusal, refused.Message, StringComparison.Ordinal);
        Assert.Contains("9.8.7", refused.Message, StringComparison.Ordinal);
        Assert.Null(_store.HolderOf($"nodes/{TestNodes.Name(1)}"));
        Assert.Null(_store.Peek($"nodes/{TestNodes.Name(1)}"));
    }

    [Fact]
    public async Task RefusesASecondProcessWithTheSameId_AndNamesTheFirst()
    {
        await using var first = Make(1, _store.Open());
        await first.StartAsync(Token);
        await using var second = Make(1, _store.Open());
        var start = second.StartAsync(Token);

        await _time.UntilAsync(() => start.IsCompleted, 60, "the second process gives up");
        var refused = await Assert.ThrowsAsync<NodeIdInUseException>(() => start);

        Assert.Contains("10.0.0.1:9095", refused.Message, StringComparison.Ordinal);
        Assert.True(first.IsHeld);
        Assert.Equal(1, Stored(1).Lease);
    }

    [Fact]
    public async Task TakesOverAtOnce_WhereTheProcessBeforeHadTheSameAddress_AndNotFromANodeElsewhere()
    {
        await using var first = Make(1, _store.Open());
        await first.StartAsync(Token);
        var store = _store.Open();
        store.TakesOver = true;
        await using var copy = Make(1, store, "10.9.9.9:9095");
        var refused = copy.StartAsync(Token);
        await _time.UntilAsync(() => refused.IsCompleted, 60, "the copy gives up");
        await Assert.ThrowsAsync<NodeIdInUseException>(() => refused);
        Assert.Equal(1, Stored(1).Lease);

        await using var again = Make(1, store);
        await again.StartAsync(Token);

        Assert.Equal(2, Stored(1).Lease);
        await _time.UntilAsync(() => !first.IsHeld, 5, "the first learns of it");
    }

    [Fact]
    public async Task WaitsForTheLeaseOfAProcessThatWasKilled()
    {
        var killed = _store.Open();
        await killed.TryAcquireLeaseAsync($"nodes/{TestNodes.Name(1)}", TestNodes.Name(1), TimeSpan.FromSeconds(10), Token);
        await using var node = Make(1, _store.Open());
        var start = node.StartAsync(Token);
        await _time.PassAsync(15);
        Assert.False(start.IsCompleted);

        killed.EndLeases();
        await _time.UntilAsync(() => start.IsCompleted, 5, "the lease is taken");
        await start;

        Assert.Equal(2, Stored(1).Lease);
    }

    [Fact]
    public async Task TakesALostLeaseAgain_Tells_AndJoinsAnew()
    {
        var told = new List<bool>();
        var store = _store.Open();
        await using var node = Make(1, store);
        node.Subscribe(isHeld =>
        {
            lock (told)
            {
                told.Add(isHeld);
            }
        });
        await node.StartAsync(Token);
        SetState(1, NodeState.Active);
        store.IsCut = true;
        store.EndLeases();
        await _time.UntilAsync(() => !node.IsHeld, 5, "the loss is noticed");
        await _time.PassAsync(30);
        Assert.False(node.IsHeld);

        store.IsCut = false;
        await _time.UntilAsync(() => node.IsHeld, 10, "the lease is taken again");

        Assert.Equal((NodeState.Joining, 2L), (Stored(1).State, Stored(1).Lease));
        lock (told)
        {
            Assert.Equal([true, false, true], told);
        }
    }

    [Fact]
    public async Task StaysALeavingNode_AfterARestart()
    {
        var node = Make(1, _store.Open());
        await node.StartAsync(Token);
        SetState(1, NodeState.Leaving);
        await node.DisposeAsync();

        await using var again = Make(1, _store.Open());
        await again.StartAsync(Token);

        Assert.Equal((NodeState.Leaving, 2L), (Stored(1).State, Stored(1).Lease));
    }

    [Fact]
    public async Task ReplacesARecordThatCannotBeRead()
    {
        _store.Put($"nodes/{TestNodes.Name(1)}", "nothing"u8.ToArray(), null);
        await using var node = Make(1, _store.Open());

        await node.StartAsync(Token);

        Assert.Equal(NodeState.Joining, Stored(1).State);
    }

    [Fact]
    public async Task GivesTheLeaseBack_WhenItIsNotKnownWhetherItsRecordWasWritten()
    {
        var store = _store.Open();
        store.UnsureWrites = 1;
        var node = Make(1, store);

        await Assert.ThrowsAsync<CoordinationException>(() => node.StartAsync(Token));
        Assert.Null(_store.HolderOf($"nodes/{TestNodes.Name(1)}"));
        await node.StartAsync(Token);

        Assert.True(node.IsHeld);
        Assert.Equal(2, Stored(1).Lease);
        await node.DisposeAsync();
    }

    private NodeMembership Make(int node, ICoordinationStore store, string address = "10.0.0.1:9095") =>
        new(store, TestNodes.Record(node) with { Address = address }, new MembershipOptions(), TestNodes.Metrics(), _time, NullLogger<NodeMembership>.Instance);

    private NodeRecord Stored(int node) => NodeRecord.Parse(_store.Peek($"nodes/{TestNodes.Name(node)}")!.Value.Span);

    private void SetState(int node, NodeState state)
    {
        var document = _store.Peek($"nodes/{TestNodes.Name(node)}")!;
        Assert.NotNull(_store.Put(document.Key, NodeRecord.WithState(document.Value.Span, state), document.Revision));
    }
}
