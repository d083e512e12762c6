using Deucalion.Common.Contracts;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Remote;
using Deucalion.Ingester.Routing;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Placement;
using Deucalion.Testing;
using Testing.Disk;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Ingester.Tests.Routing;

/// <summary>A primary that has moved is found again within the wait of a request, and its sender sees nothing of it.</summary>
public sealed class MovedPrimaryTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly TestMeterFactory _meters = new();
    private readonly WriteBatch _batch = new();
    private readonly ManualTime _time = new();
    private readonly RouterOptions _options = new() { FailoverWait = TimeSpan.FromSeconds(5) };
    private readonly TenantRoutes _routes = new(
        new PlacementStore(new LocalFileStore(new SimulatedDisk(1), "/coordination", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1))),
        new RoutingOptions { Partitions = 4, AnonymousWidth = 1 });

    private readonly MovingCluster _cluster;
    private readonly PartitionRouter _router;

    public MovedPrimaryTests()
    {
        _cluster = new MovingCluster(_time.GetTimestamp());
        _router = new PartitionRouter(MovingCluster.Self, _cluster, _cluster, _cluster, _routes, _options, new RouterMetrics(_meters), _time);
    }

    private IEnumerable<string> Asked => _cluster.Asked.Select(static asked => asked.Node);

    public async ValueTask InitializeAsync()
    {
        _batch.Reset();
        await _routes.StartAsync(CancellationToken.None);
    }

    public ValueTask DisposeAsync()
    {
        _batch.Dispose();
        _meters.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task IsGoneAround_OnceItsFirstRequestHasWaitedLongEnough_ThoughNothingWasHeardOfItMeanwhile()
    {
        _cluster.Leader = MovingCluster.Self;
        _cluster.Tell(MovingCluster.Moved, MovingCluster.EntryOf(MovingCluster.Self, 2));
        _cluster.Holds = true;
        var first = AppendAsync();
        _time.Advance(_options.FailoverWait);
        _cluster.Expire(_time.GetTimestamp());
        Assert.Equal(MovingCluster.Stored, await first.WaitAsync(Soon));

        // Those that come now do not wait all over again: one tries it, for a moment.
        var second = AppendAsync();
        Assert.Equal(MovingCluster.Stored, await AppendAsync().WaitAsync(Soon));
        _time.Advance(_options.ProbeWait);
        _cluster.Expire(_time.GetTimestamp());
        Assert.Equal(MovingCluster.Stored, await second.WaitAsync(Soon));
        Assert.Equal([MovingCluster.Self, MovingCluster.Former, MovingCluster.Self, MovingCluster.Former, MovingCluster.Former], Asked);
    }

    [Theory]
    [InlineData(MovingCluster.Self)]
    [InlineData(MovingCluster.Third)]
    public async Task IsFoundAgain_WhereItsFormerNodeSaysItIs(string primary)
    {
        var until = _time.GetTimestamp() + _options.FailoverWait.Ticks;
        var entry = MovingCluster.EntryOf(primary, 2);
        _cluster.Leader = primary;
        _cluster.Elsewhere = new RemoteAppendOutcome.NotPrimary(entry);
        await AppendsAtTheSecondAttemptAsync();

        Assert.Equal([MovingCluster.Former, primary], Asked);
        Assert.Equal((MovingCluster.Moved, entry), Assert.Single(_cluster.Learnt));
        Assert.Equal(0, _cluster.Refreshes);

        // The pause counts: the request is not waited for any longer than one that finds its primary at once.
        Assert.All(_cluster.Asked, asked => Assert.InRange(asked.Deadline, until - TimeSpan.TicksPerMillisecond, until));

        // The next one goes there at once.
        Assert.Equal(MovingCluster.Stored, await AppendAsync().WaitAsync(Soon));
        Assert.Equal([MovingCluster.Former, primary, primary], Asked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task IsFoundAgain_OnceTheViewTells_ThoughItsFormerNodeDoesNot(bool isGone)
    {
        _cluster.Leader = MovingCluster.Third;
        _cluster.Elsewhere = isGone ? new RemoteAppendOutcome.Unreachable("connection refused") : new RemoteAppendOutcome.NotPrimary(null);
        await AppendsAtTheSecondAttemptAsync(() => _cluster.Tell(MovingCluster.Moved, MovingCluster.EntryOf(MovingCluster.Third, 2)));

        Assert.Equal([MovingCluster.Former, MovingCluster.Third], Asked);
        Assert.Equal(0, _cluster.Refreshes);
        Assert.Empty(_cluster.Learnt);
    }

    [Fact]
    public async Task IsAskedWithoutALease_AsItMayBeCutOffFromTheStoreAlone()
    {
        _cluster.LoseLease(MovingCluster.Former);
        Assert.Equal(MovingCluster.Stored, await AppendAsync().WaitAsync(Soon));
        Assert.Equal([MovingCluster.Former], Asked);

        // Once it is dead another one leads.
        _cluster.Leader = MovingCluster.Third;
        _cluster.Elsewhere = new RemoteAppendOutcome.Unreachable("connection refused");
        var append = AppendAsync();
        _cluster.Tell(MovingCluster.Moved, MovingCluster.EntryOf(MovingCluster.Third, 2));
        _time.Advance(_options.FirstPause);
        Assert.Equal(MovingCluster.Stored, await append.WaitAsync(Soon));
        Assert.Equal([MovingCluster.Former, MovingCluster.Former, MovingCluster.Third], Asked);
    }

    [Fact]
    public async Task IsFoundAgain_InTheStore_WhenTheViewIsOld()
    {
        _cluster.Leader = MovingCluster.Third;
        _cluster.SeeAsOf(_time.GetTimestamp() - _options.MaxViewAge.Ticks - 1);
        _cluster.Store = () => _cluster.Tell(MovingCluster.Moved, MovingCluster.EntryOf(MovingCluster.Third, 2));
        await AppendsAtTheSecondAttemptAsync();

        Assert.Equal([MovingCluster.Former, MovingCluster.Third], Asked);
        Assert.Equal(1, _cluster.Refreshes);
    }

    [Fact]
    public async Task IsFoundAgain_ThoughTheViewIsOld_AndTheStoreAway()
    {
        _cluster.Leader = MovingCluster.Third;
        _cluster.Elsewhere = new RemoteAppendOutcome.NotPrimary(MovingCluster.EntryOf(MovingCluster.Third, 2));
        _cluster.SeeAsOf(_time.GetTimestamp() - _options.MaxViewAge.Ticks - 1);
        _cluster.Store = static () => throw new CoordinationException("the store is away", null);
        await AppendsAtTheSecondAttemptAsync();

        Assert.Equal([MovingCluster.Former, MovingCluster.Third], Asked);
        Assert.Equal(1, _cluster.Refreshes);
    }

    [Fact]
    public async Task IsFoundAgain_ThoughTheViewIsOld_AndTheStoreSilent()
    {
        _cluster.Leader = MovingCluster.Third;
        _cluster.Elsewhere = new RemoteAppendOutcome.NotPrimary(MovingCluster.EntryOf(MovingCluster.Third, 2));
        _cluster.SeeAsOf(_time.GetTimestamp() - _options.MaxViewAge.Ticks - 1);
        var store = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _cluster.StoreAnswers = store.Task;
        await AppendsAtTheSecondAttemptAsync();
        Assert.Equal([MovingCluster.Former, MovingCluster.Third], Asked);

        // One reading is enough, however many requests would like it.
        _cluster.Leader = MovingCluster.Self;
        _cluster.Elsewhere = new RemoteAppendOutcome.NotPrimary(MovingCluster.EntryOf(MovingCluster.Self, 3));
        var append = AppendAsync();
        _time.Advance(_options.FirstPause);
        Assert.Equal(MovingCluster.Stored, await append.WaitAsync(Soon));
        Assert.Equal(1, _cluster.Refreshes);
        store.SetResult();
    }

    /// <summary>A request fails once, waits for one pause, in which something may happen, and is stored where it belongs.</summary>
    private async Task AppendsAtTheSecondAttemptAsync(Action? meanwhile = null)
    {
        // All answers come at once: the first attempt has been made, and waits for the clock, when the call returns.
        var append = AppendAsync();
        Assert.Equal([MovingCluster.Former], Asked);
        meanwhile?.Invoke();
        _time.Advance(_options.FirstPause);
        Assert.Equal(MovingCluster.Stored, await append.WaitAsync(Soon));
        Assert.All(_cluster.Asked, static asked => Assert.Equal(MovingCluster.Moved, asked.Partition));
        Assert.Equal(1, _meters.Sum("deucalion_router_retries_total"));
        Assert.Equal(0, _meters.Sum("deucalion_router_rerouted_total"));
    }

    private Task<AppendResult> AppendAsync()
    {
        var request = new AppendRequest { Tenant = TenantId.Anonymous, Batch = _batch, Series = new int[1], Hashes = new ulong[1], WithMetadata = false };
        _router.Append(MovingCluster.Moved, request);
        return request.Completion;
    }
}
