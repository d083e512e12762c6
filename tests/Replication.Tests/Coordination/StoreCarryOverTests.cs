using System.Text;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Placement;
using Deucalion.Replication.Tests.Membership;
using Testing.Disk;
using Xunit;

namespace Deucalion.Replication.Tests.Coordination;

/// <summary>A node that was alone brings what it has into the store of a cluster, whatever comes in between.</summary>
public sealed class StoreCarryOverTests
{
    private const string Node = "0123456789abcdef0123456789abcdef";
    private const string Other = "00000000000000000000000000000002";
    private const string Moved = "the own store was put away";

    private readonly MemoryStore _shared = new();
    private LocalFileStore _own = NewStore();
    private bool _isAway;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EverythingIsThereAfterwards_ButLeasesAndRecordsOfNodes()
    {
        await FillAsync(_own, Node);
        await using (await _own.TryAcquireLeaseAsync("compaction/3", Node, TimeSpan.FromSeconds(10), Token))
        {
        }

        await _own.PutIfAsync("nodes/" + Node, Bytes("{}"), null, Token);
        await _own.PutIfAsync("later/kind", Bytes("something"), null, Token);

        Assert.Equal(new CarriedOver(2, 2), await CarryOver(_own, _shared.Open()).RunAsync(PutAway, Token));

        Assert.True(_isAway);
        Assert.Equal(["later/kind", "partitions/112", "partitions/7", "placement"], (await _shared.Open().ListAsync(string.Empty, Token)).Select(static x => x.Key));
        foreach (var key in (string[])["partitions/7", "partitions/112", "placement", "later/kind"])
        {
            Assert.Equal(Text(await _own.GetAsync(key, Token)), Text(_shared.Peek(key)));
        }

        var view = (await new PlacementStore(_shared.Open()).LoadAsync(Token))!;
        Assert.Equal((256, 4, 9), (view.Partitions, view.Of(TenantId.Anonymous).Width, view.Of(Tenant("wide")).Width));
        Assert.NotNull(await _shared.Open().TryAcquireLeaseAsync("compaction/3", Other, TimeSpan.FromSeconds(10), Token));
    }

    [Fact]
    public async Task NothingHappens_WhereThereIsNoPartition()
    {
        await new PlacementStore(_own).LoadOrCreateAsync(256, 4, Token);

        Assert.Null(await CarryOver(_own, _shared.Open()).RunAsync(PutAway, Token));
        Assert.False(_isAway);
        Assert.Null(_shared.Peek("placement"));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task IsFinished_WhicheverWriteACrashFollows(bool takesEffect, bool goesOnAlone)
    {
        for (var steps = 0; ; steps++)
        {
            var shared = new MemoryStore();
            _own = NewStore();
            _isAway = false;
            await FillAsync(_own, Node);
            var broken = new BreakingStore(shared.Open(), steps, takesEffect);
            var isCrashed = false;
            try
            {
                await StartAsync(broken, () => broken.Step(PutAway));
            }
            catch (CoordinationException e) when (e.Message == BreakingStore.Crash)
            {
                isCrashed = true;
            }

            // Meanwhile nobody else decides anything, and what was put away does not come to life again.
            if (isCrashed && shared.Peek("placement") is { } found && Text(found).Contains("carriedFrom", StringComparison.Ordinal))
            {
                var refusal = await Assert.ThrowsAsync<CoordinationException>(() => new PlacementStore(shared.Open()).LoadOrCreateAsync(256, 4, ReplicaNumbers.WithMajority(3), Token).AsTask());
                Assert.Contains(Node, refusal.Message, StringComparison.Ordinal);
            }

            if (isCrashed && goesOnAlone && !_isAway)
            {
                await ChangeAsync(_own, 7, static entry => entry with { Term = entry.Term + 1, Version = entry.Version + 1 });
                await _own.PutIfAsync("partitions/9", Entry(Node, 1).Serialize(), null, Token);
                await new PlacementStore(_own).WidenAsync(Tenant("wide"), 20, Token);
            }

            await StartAsync(shared.Open(), PutAway);
            Assert.True(_isAway);
            var keys = (await _own.ListAsync(string.Empty, Token)).Select(static x => x.Key).ToList();
            Assert.Equal(keys, (await shared.Open().ListAsync(string.Empty, Token)).Select(static x => x.Key));
            foreach (var key in keys)
            {
                Assert.Equal(Text(await _own.GetAsync(key, Token)), Text(shared.Peek(key)));
            }

            if (!isCrashed)
            {
                Assert.Equal(5, steps);
                return;
            }
        }
    }

    [Fact]
    public async Task OfTwoNodesThatWereAlone_OneAloneGetsTheStore()
    {
        var second = NewStore();
        await FillAsync(_own, Node);
        await FillAsync(second, Other);

        // The second one comes after each step of the first.
        var refused = 0;
        var first = new WatchedStore(_shared.Open(), async () =>
        {
            if (_shared.Peek("placement") is not null)
            {
                await RefusedAsync(second, Other);
                refused++;
            }
        });
        await CarryOver(_own, first).RunAsync(PutAway, Token);
        await RefusedAsync(second, Other);

        Assert.Equal(4, refused);
        Assert.True(_isAway);
        Assert.Equal(Text(await _own.GetAsync("partitions/7", Token)), Text(_shared.Peek("partitions/7")));

        async Task RefusedAsync(LocalFileStore store, string node)
        {
            var before = await _shared.Open().ListAsync(string.Empty, Token);
            var refusal = await Assert.ThrowsAsync<CoordinationException>(() => CarryOver(store, _shared.Open(), node).RunAsync(static () => Assert.Fail(Moved), Token));
            Assert.Contains("empty data.path", refusal.Message, StringComparison.Ordinal);
            Assert.Equal(before.Select(static x => x.Revision), (await _shared.Open().ListAsync(string.Empty, Token)).Select(static x => x.Revision));
        }
    }

    [Fact]
    public async Task ANodeThatBeginsTheClusterAnew_IsNotWrittenOver()
    {
        await FillAsync(_own, Node);

        // In the very moment before the store would be claimed.
        var shared = new WatchedStore(_shared.Open(), static () => Task.CompletedTask)
        {
            Before = async () => await new PlacementStore(_shared.Open()).LoadOrCreateAsync(256, 4, ReplicaNumbers.WithMajority(3), Token),
        };
        var refusal = await Assert.ThrowsAsync<CoordinationException>(() => CarryOver(_own, shared).RunAsync(static () => Assert.Fail(Moved), Token));

        Assert.Contains("partition 7", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("placement", Assert.Single(await _shared.Open().ListAsync(string.Empty, Token)).Key);
        Assert.NotNull(await new PlacementStore(_shared.Open()).LoadAsync(Token));
    }

    [Fact]
    public async Task AStoreThatKnowsEveryLogAlready_IsLeftAsItIs()
    {
        await FillAsync(_own, Node);
        foreach (var document in await _own.ListAsync(string.Empty, Token))
        {
            _shared.Put(document.Key, document.Value, null);
        }

        Assert.Null(await CarryOver(_own, _shared.Open()).RunAsync(static () => Assert.Fail(Moved), Token));

        // Another node leads by now, and this one catches up.
        var own = await EntryAsync(_shared.Open(), 7);
        await ChangeAsync(_shared.Open(), 7, entry => entry with { Term = 8, Version = 20, Primary = Other, InSync = [new ReplicaRef(Other, "1")], Learners = own.InSync });
        Assert.Null(await CarryOver(_own, _shared.Open()).RunAsync(static () => Assert.Fail(Moved), Token));

        // One store under two names.
        Assert.Null(await CarryOver(_own, _own).RunAsync(static () => Assert.Fail(Moved), Token));
        Assert.NotNull(await new PlacementStore(_own).LoadAsync(Token));
    }

    [Theory]
    [InlineData("incarnation")]
    [InlineData("term")]
    [InlineData("node")]
    public async Task AStoreThatKnowsAnotherLog_IsRefused(string what)
    {
        await FillAsync(_own, Node);
        foreach (var document in await _own.ListAsync(string.Empty, Token))
        {
            _shared.Put(document.Key, document.Value, null);
        }

        await ChangeAsync(_shared.Open(), 112, entry => what switch
        {
            "incarnation" => entry with { InSync = [new ReplicaRef(Node, "ffff")] },
            "node" => entry with { InSync = [new ReplicaRef(Other, entry.InSync[0].Incarnation)] },
            _ => entry with { Term = entry.Term - 1 },
        });

        var refusal = await Assert.ThrowsAsync<CoordinationException>(() => CarryOver(_own, _shared.Open()).RunAsync(static () => Assert.Fail(Moved), Token));
        Assert.Contains("partition 112", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("the shared store", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IsRefused_WhereAnotherNodeStillUsesTheOwnStore()
    {
        await FillAsync(_own, Node);
        await using var lease = await _own.TryAcquireLeaseAsync("nodes/" + Other, Other, TimeSpan.FromSeconds(10), Token);

        var refusal = await Assert.ThrowsAsync<CoordinationException>(() => CarryOver(_own, _shared.Open()).RunAsync(static () => Assert.Fail(Moved), Token));

        Assert.Contains(Other, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await _shared.Open().ListAsync(string.Empty, Token));
    }

    private static LocalFileStore NewStore() => new(new SimulatedDisk(1), "/coordination", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1));

    private static StoreCarryOver CarryOver(ICoordinationStore own, ICoordinationStore shared, string node = Node) => new(own, "the own store", shared, "the shared store", node);

    private static async Task FillAsync(LocalFileStore store, string node)
    {
        var placement = new PlacementStore(store);
        await placement.LoadOrCreateAsync(256, 4, Token);
        await placement.WidenAsync(Tenant("wide"), 9, Token);

        // A later version says more than is known here.
        var text = Encoding.UTF8.GetString(Entry(node, 3).Serialize());
        await store.PutIfAsync("partitions/7", Bytes(text.Replace("{\"term\"", "{\"witness\":{\"node\":\"d\"},\"term\"", StringComparison.Ordinal)), null, Token);
        await store.PutIfAsync("partitions/112", Entry(node, 5).Serialize(), null, Token);
    }

    private static PartitionEntry Entry(string node, long term) => new()
    {
        Term = term,
        Version = 11,
        ReplicationFactor = 1,
        MinInSync = 1,
        Primary = node,
        InSync = [new ReplicaRef(node, "abcd")],
        Learners = [],
        WriterId = "w",
        Counter = 1,
    };

    private static async Task<PartitionEntry> EntryAsync(ICoordinationStore store, int partition) =>
        PartitionEntry.Parse((await store.GetAsync(PartitionEntry.KeyOf(new PartitionId(partition)), Token))!.Value.Span);

    private static async Task ChangeAsync(ICoordinationStore store, int partition, Func<PartitionEntry, PartitionEntry> change)
    {
        var found = (await store.GetAsync(PartitionEntry.KeyOf(new PartitionId(partition)), Token))!;
        Assert.NotNull(await store.PutIfAsync(found.Key, change(PartitionEntry.Parse(found.Value.Span)).SerializeOver(found.Value.Span), found.Revision, Token));
    }

    private static string Text(CoordinationEntry? document) => Encoding.UTF8.GetString(document!.Value.Span);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static TenantId Tenant(string name) => TenantId.TryParse(name, out var tenant, out var error) ? tenant : throw new FormatException(error);

    private void PutAway() => _isAway = true;

    /// <summary>What a start does: an own store that was put away is not looked into any more.</summary>
    private async Task StartAsync(ICoordinationStore shared, Action putAway)
    {
        if (_isAway)
        {
            await StoreCarryOver.FinishAsync(shared, Node, Token);
        }
        else
        {
            Assert.NotNull(await CarryOver(_own, shared).RunAsync(putAway, Token));
        }
    }

    /// <summary>The process dies at a step, a write or what <see cref="Step"/> is told: before it takes effect, or right after it.</summary>
    private sealed class BreakingStore(ICoordinationStore inner, int steps, bool takesEffect) : PassedOn(inner)
    {
        public const string Crash = "crash";
        private int _left = steps;

        public void Step(Action action)
        {
            var dies = _left-- == 0;
            if (!dies || takesEffect)
            {
                action();
            }

            if (dies)
            {
                throw new CoordinationException(Crash, null);
            }
        }

        public override async ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> value, string? ifRevision, CancellationToken cancellationToken)
        {
            var dies = _left-- == 0;
            var revision = !dies || takesEffect ? await Inner.PutIfAsync(key, value, ifRevision, cancellationToken) : null;
            return dies ? throw new CoordinationException(Crash, null) : revision;
        }
    }

    /// <summary>Something happens after each write, and once before the first.</summary>
    private sealed class WatchedStore(ICoordinationStore inner, Func<Task> after) : PassedOn(inner)
    {
        public Func<Task>? Before { get; set; }

        public override async ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> value, string? ifRevision, CancellationToken cancellationToken)
        {
            if (Before is { } before)
            {
                Before = null;
                await before();
            }

            var revision = await Inner.PutIfAsync(key, value, ifRevision, cancellationToken);
            await after();
            return revision;
        }
    }

    private abstract class PassedOn(ICoordinationStore inner) : ICoordinationStore
    {
        protected ICoordinationStore Inner => inner;

        public ValueTask<CoordinationEntry?> GetAsync(string key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

        public abstract ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> value, string? ifRevision, CancellationToken cancellationToken);

        public ValueTask<bool> DeleteIfAsync(string key, string ifRevision, CancellationToken cancellationToken) => inner.DeleteIfAsync(key, ifRevision, cancellationToken);

        public ValueTask<IReadOnlyList<CoordinationEntry>> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

        public IAsyncEnumerable<CoordinationChange> WatchAsync(string prefix, CancellationToken cancellationToken) => inner.WatchAsync(prefix, cancellationToken);

        public ValueTask<ICoordinationLease?> TryAcquireLeaseAsync(string name, string owner, TimeSpan timeToLive, CancellationToken cancellationToken) =>
            inner.TryAcquireLeaseAsync(name, owner, timeToLive, cancellationToken);

        public ValueTask<IReadOnlyList<LeaseSight>> LeasesAsync(string prefix, CancellationToken cancellationToken) => inner.LeasesAsync(prefix, cancellationToken);
    }
}
