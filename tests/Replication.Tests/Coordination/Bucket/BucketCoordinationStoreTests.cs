using System.Text;
using Deucalion.Common.IO;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordination.Bucket;
using Testing.Objects;
using Xunit;

namespace Replication.Tests.Coordination.Bucket;

/// <summary>What is particular to the store in a bucket, beyond the contract.</summary>
public sealed class BucketCoordinationStoreTests : IAsyncLifetime
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(3);

    private readonly MemoryObjectStore _bucket = new(new LinuxDisk(), TimeProvider.System);
    private readonly BucketStoreOptions _options = new() { TimeToLive = TimeToLive };
    private readonly List<BucketStoreProcess> _processes = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }
    }

    [Fact]
    public void RecommendsATimeToLive_ThatKeepsWithinTheBudget()
    {
        var options = new BucketStoreOptions();
        Assert.Equal(TimeSpan.FromSeconds(30), options.TimeToLive);
        var perSecond = (1 / options.PollInterval.TotalSeconds) + (1 / options.RenewInterval.TotalSeconds);
        Assert.True(perSecond <= 1 / 5.0, $"{perSecond} requests in a second");

        // The first sight of the last renewal, the time to live, and one look more: some 40 s.
        Assert.True(options.PollInterval + options.TimeToLive + options.RetryInterval < TimeSpan.FromSeconds(41));
        Assert.True(options.RenewInterval + (2 * options.RequestTimeout) + options.RetryInterval < options.TimeToLive - options.Margin);
    }

    [Fact]
    public async Task KeepsWithinTheBudget_WhenMuchIsWatchedAndWaitedFor()
    {
        for (var i = 0; i < 300; i++)
        {
            await Start().Store.PutIfAsync($"partitions/{i}", Bytes("x"), null, Token);
        }

        var nodes = Enumerable.Range(0, 4).Select(_ => Start()).ToList();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var watching = nodes.SelectMany(node => new[] { "nodes/", "partitions/", "placement" }.Select(prefix => Task.Run(() => WatchAsync(node.Store, prefix, stop.Token), Token))).ToList();
        for (var i = 0; i < nodes.Count; i++)
        {
            Assert.NotNull(await nodes[i].Store.TryAcquireLeaseAsync($"nodes/{i}", $"{i}", TimeToLive, Token));
        }

        // Where the machine stands still, renewals look late and are looked for early, which the budget does not count: one of three spans has to be without.
        await AskForAllAsync(nodes, TimeToLive);
        List<string> tooMany = [];
        do
        {
            var before = nodes.Select(static node => node.Bucket.Requests).ToList();
            var start = TimeProvider.System.GetTimestamp();
            await AskForAllAsync(nodes, TimeToLive * 3);
            var allowed = TimeProvider.System.GetElapsedTime(start) / (TimeToLive / 6);
            var most = nodes.Select((node, i) => node.Bucket.Requests - before[i]).Max();
            if (most <= allowed + 2)
            {
                break;
            }

            tooMany.Add($"{most} requests, {allowed:0} are allowed");
        }
        while (tooMany.Count < 3);
        Assert.True(tooMany.Count < 3, string.Join("; ", tooMany));

        await stop.CancelAsync();
        await Task.WhenAll(watching).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task LosesNoIncrement_WhenAnswersOfWritesAreLost()
    {
        var process = Start();
        process.Bucket.Cut = CutKind.LosesAnswersOfWrites;
        string? revision = null;
        for (var i = 0; i < 10; i++)
        {
            revision = await process.Store.PutIfAsync("counter", Bytes($"{i}"), revision, Token);
            Assert.NotNull(revision);
        }

        Assert.True(await process.Store.DeleteIfAsync("counter", revision!, Token));
        Assert.NotNull(await process.Store.TryAcquireLeaseAsync("lease", "node", TimeToLive, Token));
    }

    [Fact]
    public async Task GivesALeaseBack_WhenItTookItWithoutKnowing()
    {
        var (owner, other) = (Start(), Start());
        await using var kept = await owner.Store.TryAcquireLeaseAsync("kept", "node1", TimeToLive, Token);
        owner.Bucket.FailAfter = static key => key.Contains("doubtful", StringComparison.Ordinal);
        await Assert.ThrowsAsync<CoordinationException>(async () => await owner.Store.TryAcquireLeaseAsync("doubtful", "node1", TimeToLive, Token));
        owner.Bucket.FailAfter = null;

        // Its session lives, so nobody could ever end it.
        await using var taken = await AcquireAsync(other.Store, "doubtful", "node2");
        Assert.False(kept!.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task ANewProcessOfTheSameOwner_TakesOverAtOnce_ButOnlyOnce()
    {
        var (first, second) = (Start(), Start());
        var before = await first.Store.TryAcquireLeaseAsync("nodes/1", "1", TimeToLive, Token);
        var start = TimeProvider.System.GetTimestamp();
        var lease = await second.Store.TryAcquireLeaseAsync("nodes/1", "1", TimeToLive, Token);
        Assert.NotNull(lease);
        Assert.True(lease.FencingToken > before!.FencingToken);

        // The first learns of it, and does not take it back from the one that lives.
        await before.Lost.WaitAsync(TimeToLive + TimeSpan.FromSeconds(30), Token);
        Assert.Null(await first.Store.TryAcquireLeaseAsync("nodes/1", "1", TimeToLive, Token));
        Assert.False(lease.Lost.IsCancellationRequested);
        await lease.DisposeAsync();
    }

    [Fact]
    public async Task ALeaseIsLost_WhenItsDocumentNamesAnother()
    {
        var (owner, other) = (Start(), Start());
        await using var lease = await owner.Store.TryAcquireLeaseAsync("coordinator", "node1", TimeToLive, Token);
        await using var kept = await owner.Store.TryAcquireLeaseAsync("kept", "node1", TimeToLive, Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var watching = Task.Run(() => WatchAsync(owner.Store, "nodes/", stop.Token), Token);
        var document = await other.Store.GetAsync("leases/coordinator", Token);
        Assert.NotNull(await other.Store.PutIfAsync("leases/coordinator", Bytes("{\"owner\":\"operator\",\"token\":9}"), document!.Revision, Token));

        await lease!.Lost.WaitAsync(TimeToLive * 2 + TimeSpan.FromSeconds(30), Token);
        Assert.False(kept!.Lost.IsCancellationRequested);
        await using var next = await AcquireAsync(other.Store, "coordinator", "node2");
        Assert.Equal(10, next.FencingToken);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    [Fact]
    public async Task NobodyIsEnded_WhenTheStoreIsAwayForAllOfThem()
    {
        var (owner, other) = (Start(), Start());
        await using var lease = await owner.Store.TryAcquireLeaseAsync("coordinator", "node1", TimeToLive, Token);
        Assert.Null(await other.Store.TryAcquireLeaseAsync("coordinator", "node2", TimeToLive, Token));
        (owner.Bucket.Cut, other.Bucket.Cut) = (CutKind.Hangs, CutKind.Hangs);
        await lease!.Lost.WaitAsync(TimeToLive + TimeSpan.FromSeconds(30), Token);
        await WaitAsync(TimeToLive);
        (owner.Bucket.Cut, other.Bucket.Cut) = (CutKind.None, CutKind.None);

        // The owner gave it up by its own clock, but nobody ended its session: it has a whole time to live to take it again.
        var end = TimeProvider.System.GetTimestamp() + (long)(TimeToLive.TotalSeconds * 0.8 * TimeProvider.System.TimestampFrequency);
        while (TimeProvider.System.GetTimestamp() < end)
        {
            Assert.Null(await other.Store.TryAcquireLeaseAsync("coordinator", "node2", TimeToLive, Token));
            await WaitAsync(TimeToLive / 30);
        }

        Assert.Equal(0, other.Metric("deucalion_coordination_sessions_ended_total"));
        await using var again = await owner.Store.TryAcquireLeaseAsync("coordinator", "node1", TimeToLive, Token);
        Assert.NotNull(again);
        Assert.Equal(1, owner.Metric("deucalion_coordination_sessions_lost_total"));
    }

    [Fact]
    public async Task LeavesNothingBehind_WhenLeasesAreReleased()
    {
        var process = Start();
        var lease = await process.Store.TryAcquireLeaseAsync("a", "node", TimeToLive, Token);
        var other = await process.Store.TryAcquireLeaseAsync("b", "node", TimeToLive, Token);
        Assert.Single(_bucket.Keys, static key => key.EndsWith(".session", StringComparison.Ordinal));
        await lease!.DisposeAsync();
        Assert.False(other!.Lost.IsCancellationRequested);
        await other.DisposeAsync();
        Assert.Equal(["coordination/v1/leases/a.doc", "coordination/v1/leases/b.doc"], _bucket.Keys);
        Assert.Equal("{\"owner\":\"node\",\"token\":1}", Encoding.UTF8.GetString((await process.Store.GetAsync("leases/a", Token))!.Value.Span));
    }

    [Fact]
    public async Task RemovesTombstones_OnceTheyAreOld()
    {
        var process = Start();
        var revision = await process.Store.PutIfAsync("nodes/1", Bytes("x"), null, Token);
        await process.Store.DeleteIfAsync("nodes/1", revision!, Token);
        Assert.Equal(["coordination/v1/nodes/1.doc"], _bucket.Keys);
        Assert.Empty(await process.Store.ListAsync("", Token));

        // Somewhat old: nobody can tell whether others remove it just now; it is removed here, and then created anew.
        var hours = _options.KeepTombstones.TotalHours;
        Assert.NotNull(await Start(new ShiftedTime(TimeSpan.FromHours(hours + 0.75))).Store.PutIfAsync("nodes/1", Bytes("again"), null, Token));
        Assert.Equal("again", Encoding.UTF8.GetString((await process.Store.GetAsync("nodes/1", Token))!.Value.Span));
        revision = (await process.Store.GetAsync("nodes/1", Token))!.Revision;
        await process.Store.DeleteIfAsync("nodes/1", revision, Token);

        // Old: whoever lists removes it.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var later = Start(new ShiftedTime(TimeSpan.FromHours(hours + 1.1)));
        var watching = Task.Run(() => WatchAsync(later.Store, "", stop.Token), Token);
        await UntilAsync(() => _bucket.Keys.Count == 0);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    [Fact]
    public async Task SweepsSessions_ThatNobodyNeeds()
    {
        var dead = Start(options: new BucketStoreOptions { TimeToLive = TimeSpan.FromSeconds(0.5) });
        Assert.NotNull(await dead.Store.TryAcquireLeaseAsync("a", "node1", TimeToLive, Token));
        await dead.KillAsync();
        var observer = Start(options: new BucketStoreOptions { TimeToLive = TimeSpan.FromSeconds(0.5) });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var watching = Task.Run(() => WatchAsync(observer.Store, "nodes/", stop.Token), Token);
        await UntilAsync(() => !_bucket.Keys.Any(static key => key.EndsWith(".session", StringComparison.Ordinal)));
        Assert.NotNull(await Start().Store.TryAcquireLeaseAsync("a", "node2", TimeToLive, Token));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    [Fact]
    public async Task SaysWhichObjectIsDamaged()
    {
        var process = Start();
        await _bucket.PutAsync("coordination/v1/nodes/1.doc", "garbage"u8.ToArray(), Token);
        var failure = await Assert.ThrowsAsync<CoordinationException>(async () => await process.Store.GetAsync("nodes/1", Token));
        Assert.Contains("coordination/v1/nodes/1.doc is damaged", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<CoordinationException>(async () => await process.Store.ListAsync("", Token));
        Assert.Null(await process.Store.PutIfAsync("nodes/1", Bytes("x"), "unknown", Token));
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static async Task WatchAsync(ICoordinationStore store, string prefix, CancellationToken cancellationToken)
    {
        await foreach (var _ in store.WatchAsync(prefix, cancellationToken))
        {
        }
    }

    private static async Task AskForAllAsync(List<BucketStoreProcess> nodes, TimeSpan time)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < time)
        {
            foreach (var node in nodes)
            {
                for (var i = 0; i < nodes.Count; i++)
                {
                    Assert.Null(await node.Store.TryAcquireLeaseAsync($"nodes/{i}", "observer", TimeToLive, Token));
                }
            }

            await WaitAsync(TimeSpan.FromMilliseconds(50));
        }
    }

    private static async Task<ICoordinationLease> AcquireAsync(ICoordinationStore store, string name, string owner)
    {
        ICoordinationLease? lease = null;
        await UntilAsync(async () => (lease = await store.TryAcquireLeaseAsync(name, owner, TimeToLive, Token)) is not null);
        return lease!;
    }

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static Task UntilAsync(Func<Task<bool>> condition) =>
        Deucalion.Testing.Processes.Eventually.TrueAsync(condition, TimeSpan.FromSeconds(60), static () => "the condition holds");

    private static async Task WaitAsync(TimeSpan time)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync(Token);
    }

    private BucketStoreProcess Start(TimeProvider? time = null, BucketStoreOptions? options = null)
    {
        var process = new BucketStoreProcess(_bucket, options ?? _options, CutKind.Fails, time ?? TimeProvider.System);
        _processes.Add(process);
        return process;
    }

    /// <summary>A wall clock that goes ahead.</summary>
    private sealed class ShiftedTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}

/// <summary>Waiting for a token to be cancelled.</summary>
internal static class TokenWaiting
{
    public static async Task WaitAsync(this CancellationToken token, TimeSpan limit, CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token.Register(cancelled.SetResult);
        await cancelled.Task.WaitAsync(limit, cancellationToken);
    }
}
