using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;
using Deucalion.Testing;
using Xunit;

namespace Deucalion.Replication.Tests.Membership;

public sealed class ClusterViewsTests
{
    private static readonly PartitionId Seven = new(7);
    private readonly ManualTime _time = new();
    private readonly MemoryStore _store = new();
    private readonly MemoryStore.Handle _handle;
    private readonly ClusterViews _views;

    public ClusterViewsTests()
    {
        _handle = _store.Open();
        _views = new ClusterViews(TestNodes.Reader(_handle, _time), TestNodes.Metrics(), _time);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void AnEntryIsShownAtOnce_AndNeverGoesBack()
    {
        var seen = new List<(long View, long Entry)>();
        _views.Subscribe(view => seen.Add((view.Version, view.EntryOf(Seven)!.Version)));
        _views.Learned(Seven, TestNodes.Entry(3, 1, 1));
        _views.Learned(Seven, TestNodes.Entry(2, 1, 2));
        _views.Learned(Seven, TestNodes.Entry(4, 1, 2));

        Assert.Equal([(1, 3), (2, 4)], seen);
        Assert.Equal(4, _views.Current.EntryOf(Seven)!.Version);
        Assert.Null(_views.Current.EntryOf(new PartitionId(8)));
        Assert.Equal([(Seven, _views.Current.EntryOf(Seven)!)], _views.Current.Entries);
    }

    [Fact]
    public void WhatWasLearntIsToldUntilTheCoordinatorHasIt()
    {
        var wakes = 0;
        _views.Untold = () => wakes++;
        _views.Learned(Seven, TestNodes.Entry(3, 1, 1));
        Assert.Equal((1, 3L), (wakes, Assert.Single(_views.Question().Untold).Entry.Version));

        var asked = _views.Question().Untold;
        _views.Learned(Seven, TestNodes.Entry(4, 1, 1));
        _views.Told(asked, 1);
        Assert.Equal(4, Assert.Single(_views.Question().Untold).Entry.Version);
        _views.Told(_views.Question().Untold, 1);
        Assert.Empty(_views.Question().Untold);

        _views.Learned(Seven, TestNodes.Entry(5, 1, 1));
        _views.Apply(Update(1, 0, 9) with { Entries = [new EntrySight(7, TestNodes.Entry(6, 1, 1))] }, null);
        Assert.Empty(_views.Question().Untold);
    }

    [Fact]
    public void WhatWasToldToACoordinatorOfLate_IsToldToTheNextOne()
    {
        _views.Apply(Update(1, 0, 1, 1), null);
        _views.Learned(Seven, TestNodes.Entry(3, 1, 1));
        _views.Told(_views.Question().Untold, 1);
        _views.Apply(Update(2, 0, 1, 1), null);
        Assert.Equal(3, Assert.Single(_views.Question().Untold).Entry.Version);
        _views.Told(_views.Question().Untold, 2);
        _time.Advance(TimeSpan.FromMinutes(2));
        _views.Apply(Update(3, 0, 1, 1), null);

        Assert.Empty(_views.Question().Untold);
    }

    [Fact]
    public async Task WhatAReadingShowedFirst_IsToldToTheCoordinatorAllTheSame()
    {
        _views.Apply(Update(1, 0, 1, 1) with { Entries = [new EntrySight(7, TestNodes.Entry(3, 1, 1))] }, null);
        var wakes = 0;
        _views.Untold = () => wakes++;

        // Written here, but a query read the table before the writer was told that it had written.
        _store.Put("partitions/7", TestNodes.Entry(4, 1, 1, 2).Serialize(), null);
        await _views.RefreshAsync(Token);
        Assert.Equal(4, Assert.Single(_views.Question().Untold).Entry.Version);
        _views.Told(_views.Question().Untold, 1);
        Assert.Empty(_views.Question().Untold);

        // What the coordinator knows is not told again.
        _views.Learned(Seven, TestNodes.Entry(4, 1, 1, 2));
        _views.Learned(Seven, TestNodes.Entry(3, 1, 1));
        Assert.Empty(_views.Question().Untold);
        Assert.Equal(0, wakes);
    }

    [Fact]
    public async Task RefreshReadsNodesByTheirLeases_AndTheTable()
    {
        await AddNodeAsync(1, NodeState.Active);
        await AddNodeAsync(2, NodeState.Active, lease: null);
        await AddNodeAsync(3, NodeState.Active, lease: 99);
        await AddNodeAsync(4, NodeState.Leaving, lease: 99);
        await _store.Open().TryAcquireLeaseAsync("coordinator", TestNodes.Name(3), TimeSpan.FromSeconds(10), Token);
        _store.Put("partitions/7", TestNodes.Entry(5, 3, 1, 2, 3).Serialize(), null);
        _store.Put("partitions/x", TestNodes.Entry(5, 3, 1, 2, 3).Serialize(), null);
        _store.Put("partitions/8", "damaged"u8.ToArray(), null);
        _store.Put("nodes/damaged", "{}"u8.ToArray(), null);
        _store.Put($"nodes/{TestNodes.Name(9)}", TestNodes.Record(5).Serialize(), null);
        Assert.True(_views.Current.Age(_time) > TimeSpan.FromHours(1));

        var view = await _views.RefreshAsync(Token);

        // The record of node 3 is of a process before the one that has the lease.
        Assert.Equal(
            [(TestNodes.Name(1), NodeState.Active), (TestNodes.Name(3), NodeState.Joining), (TestNodes.Name(4), NodeState.Leaving)],
            view.Nodes.Select(static node => (node.Id, node.State)));
        Assert.Equal((TestNodes.Name(3), 5L), (view.Coordinator, view.EntryOf(Seven)!.Version));
        Assert.Single(view.Entries);
        Assert.Equal((TimeSpan.Zero, _time.GetUtcNow()), (view.Age(_time), view.ReadAt));
        Assert.Null(view.Find(TestNodes.Name(2)));
        Assert.Equal("10.0.0.2:9095", view.LastKnown(TestNodes.Name(2))?.Address);
        Assert.Empty(view.PrimariesWithoutLease());
        _views.Learned(Seven, TestNodes.Entry(6, 2, 2, 3));
        Assert.Equal([TestNodes.Name(2)], _views.Current.PrimariesWithoutLease().Select(static node => node.Id));
        Assert.Equal("10.0.0.2:9095", _views.AddressOf(TestNodes.Id(2)));
        Assert.Null(_views.AddressOf(TestNodes.Id(5)));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(3), view.Age(_time));
    }

    [Fact]
    public async Task RefreshesAtTheSameTimeShareAReading_ThatBeganAfterThem()
    {
        var gate = new GatedStore(_handle);
        var views = new ClusterViews(TestNodes.Reader(gate, _time), TestNodes.Metrics(), _time);
        var first = views.RefreshAsync(Token);
        await gate.Waiting;
        _store.Put("partitions/7", TestNodes.Entry(5, 1, 1).Serialize(), null);
        var second = views.RefreshAsync(Token);
        var third = views.RefreshAsync(Token);
        gate.Open();

        await first;
        Assert.Equal(5, (await second).EntryOf(Seven)!.Version);
        Assert.Same(await second, await third);
        Assert.Equal(2, gate.Readings);
        await views.RefreshAsync(Token);
        Assert.Equal(3, gate.Readings);
    }

    [Fact]
    public async Task AnOutageOfTheStoreLeavesTheViewAsItIs()
    {
        await AddNodeAsync(1, NodeState.Active);
        var view = await _views.RefreshAsync(Token);
        _store.IsDown = true;

        await Assert.ThrowsAsync<CoordinationException>(() => _views.RefreshAsync(Token));
        Assert.Same(view, _views.Current);
        _store.IsDown = false;
        Assert.NotNull((await _views.RefreshAsync(Token)).Find(TestNodes.Name(1)));
    }

    [Fact]
    public void FollowsOneCoordinatorAfterTheOther_AndNoEarlierOne()
    {
        Assert.Equal(new ViewPosition(1, 5), _views.Apply(Update(1, 0, 5, 1, 2), null));
        Assert.Equal(2, _views.Current.Nodes.Count);

        // Changes of a coordinator not heard of before say too little.
        Assert.Equal(new ViewPosition(1, 5), _views.Apply(Update(2, 3, 9, 1), null));
        Assert.Equal(2, _views.Current.Nodes.Count);
        Assert.Equal(new ViewPosition(2, 9), _views.Apply(Update(2, 0, 9, 1, 2, 3), null));
        Assert.Equal(new ViewPosition(2, 9), _views.Apply(Update(1, 0, 50, 1), null));
        Assert.Equal(3, _views.Current.Nodes.Count);

        // What comes late is no step back, and a gap is no knowledge.
        Assert.Equal(new ViewPosition(2, 9), _views.Apply(Update(2, 0, 4, 1), null));
        Assert.Equal(new ViewPosition(2, 9), _views.Apply(Update(2, 12, 14, 1, 2, 3, 4), null));
        Assert.Equal(4, _views.Current.Nodes.Count);
        Assert.Equal(new ViewPosition(2, 12), _views.Apply(Update(2, 9, 12), null));
        Assert.Equal(4, _views.Current.Nodes.Count);
    }

    [Fact]
    public void OnlyAnAnswerMakesTheViewFresh_AndNoNewView()
    {
        _views.Apply(Update(1, 0, 5, 1), null);
        Assert.True(_views.Current.Age(_time) > TimeSpan.FromHours(1));
        var told = 0;
        _views.Subscribe(_ => told++);
        var asOf = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(2));
        _views.Apply(Update(1, 5, 5), asOf);

        Assert.Equal((TimeSpan.FromSeconds(2), 0), (_views.Current.Age(_time), told));
        _views.Apply(Update(1, 5, 5), asOf - TimeSpan.TicksPerSecond);
        Assert.Equal(TimeSpan.FromSeconds(2), _views.Current.Age(_time));
    }

    [Fact]
    public async Task NoNodeIsMissing_WhicheverOfStoreAndCoordinatorIsNewer()
    {
        var gate = new GatedStore(_handle);
        var views = new ClusterViews(TestNodes.Reader(gate, _time), TestNodes.Metrics(), _time);
        await AddNodeAsync(1, NodeState.Active);
        var reading = views.RefreshAsync(Token);
        await gate.Waiting;
        _time.Advance(TimeSpan.FromSeconds(1));

        // While the store is read, the coordinator tells of a node that came since the reading began.
        views.Apply(Update(1, 0, 5, 1, 2), null);
        gate.Open();
        await reading;
        Assert.Equal(2, views.Current.Nodes.Count);

        // A push may be older than the reading: what the store knew stays until the coordinator has answered a later question.
        await AddNodeAsync(3, NodeState.Active);
        _time.Advance(TimeSpan.FromSeconds(1));
        await views.RefreshAsync(Token);
        Assert.Equal([1, 3], Numbers(views));
        var before = _time.GetTimestamp() - TimeSpan.TicksPerSecond;
        views.Apply(Update(1, 0, 6, 1, 2), before);
        Assert.Equal([1, 2, 3], Numbers(views));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((new ViewPosition(1, 6), true), (views.Question().Position, views.Question().WantsNodes));
        views.Apply(Update(1, 6, 7, 1, 2), _time.GetTimestamp());

        Assert.Equal([1, 2], Numbers(views));
        Assert.Equal((new ViewPosition(1, 7), false), (views.Question().Position, views.Question().WantsNodes));
    }

    [Fact]
    public void EveryViewIsToldInOrder_WhenManyLearnAtOnce()
    {
        var versions = new List<long>();
        _views.Subscribe(view => versions.Add(view.Version));
        Parallel.For(0, 400, i => _views.Learned(new PartitionId(i % 20), TestNodes.Entry(i, 1, 1)));

        Assert.Equal(versions.Order(), versions);
        Assert.Equal(_views.Current.Version, versions[^1]);
        Assert.Equal(20, _views.Current.Entries.Count());
    }

    [Fact]
    public async Task AProcessAloneReadsTheTableOnce_AndIsNeverOld()
    {
        _store.Put("partitions/7", TestNodes.Entry(5, 1, 1).Serialize(), null);
        var views = new AloneViews(TestNodes.Record(1), TestNodes.Reader(_handle, _time), _time);
        await views.StartAsync(Token);
        Assert.Equal(1, _handle.Requests);
        _time.Advance(TimeSpan.FromDays(1));
        views.Learned(Seven, TestNodes.Entry(6, 1, 1));
        var view = await views.RefreshAsync(Token);

        Assert.Equal((1, TimeSpan.Zero, 6L, NodeState.Active), (_handle.Requests, view.Age(_time), view.EntryOf(Seven)!.Version, Assert.Single(view.Nodes).State));
        Assert.Equal("10.0.0.1:9095", views.AddressOf(TestNodes.Id(1)));
        Assert.Null(views.AddressOf(TestNodes.Id(2)));
    }

    private static ViewUpdate Update(long token, long since, long seq, params int[] nodes) => new()
    {
        Coordinator = TestNodes.Name(1),
        Token = token,
        Since = since,
        Seq = seq,
        Nodes = nodes.Length == 0 ? null : [.. nodes.Select(static node => new NodeSight(TestNodes.Record(node, state: NodeState.Active), true))],
        Entries = [],
    };

    private static int[] Numbers(ClusterViews views) => [.. views.Current.Nodes.Select(static node => int.Parse(node.Id, System.Globalization.NumberStyles.HexNumber, null))];

    private async Task AddNodeAsync(int node, NodeState state, long? lease = 1)
    {
        if (lease is not null)
        {
            await _store.Open().TryAcquireLeaseAsync($"nodes/{TestNodes.Name(node)}", TestNodes.Name(node), TimeSpan.FromSeconds(10), Token);
        }

        Assert.NotNull(_store.Put($"nodes/{TestNodes.Name(node)}", TestNodes.Record(node, state: state, lease: lease ?? 1).Serialize(), null));
    }

    /// <summary>The first listing of the table waits until it is let through: it has taken place by then.</summary>
    private sealed class GatedStore(ICoordinationStore inner) : ICoordinationStore
    {
        private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Waiting => _waiting.Task;

        public int Readings { get; private set; }

        public void Open() => _open.TrySetResult();

        public ValueTask<CoordinationEntry?> GetAsync(string key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

        public ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> value, string? ifRevision, CancellationToken cancellationToken) =>
            inner.PutIfAsync(key, value, ifRevision, cancellationToken);

        public ValueTask<bool> DeleteIfAsync(string key, string ifRevision, CancellationToken cancellationToken) => inner.DeleteIfAsync(key, ifRevision, cancellationToken);

        public async ValueTask<IReadOnlyList<CoordinationEntry>> ListAsync(string prefix, CancellationToken cancellationToken)
        {
            var found = await inner.ListAsync(prefix, cancellationToken);
            if (prefix == "partitions/")
            {
                Readings++;
                _waiting.TrySetResult();
                await _open.Task;
            }

            return found;
        }

        public IAsyncEnumerable<CoordinationChange> WatchAsync(string prefix, CancellationToken cancellationToken) => inner.WatchAsync(prefix, cancellationToken);

        public ValueTask<ICoordinationLease?> TryAcquireLeaseAsync(string name, string owner, TimeSpan timeToLive, CancellationToken cancellationToken) =>
            inner.TryAcquireLeaseAsync(name, owner, timeToLive, cancellationToken);

        public ValueTask<IReadOnlyList<LeaseSight>> LeasesAsync(string prefix, CancellationToken cancellationToken) => inner.LeasesAsync(prefix, cancellationToken);
    }
}
