using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Read;
using Deucalion.Replication.Coordination;
using Deucalion.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Ingester.Tests.Read;

public sealed class ClusterHeadReadsTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly TestMeterFactory _meters = new();
    private readonly FakeTargets _targets = new();
    private readonly FakeHeadNode _self = new("self") { Target = new ReadTarget("self", string.Empty, IsSelf: true) };
    private readonly FakeHeadNode _b = new("b");
    private readonly FakeHeadNode _c = new("c");
    private readonly TaskCompletionSource _silence = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose()
    {
        Assert.Equal(0, _self.Open + _b.Open + _c.Open);
        _meters.Dispose();
    }

    [Fact]
    public async Task JoinsTheAnswersOfAllNodes_WhoeverLeadsWhat()
    {
        _self.Leads = [1, 2];
        _b.Leads = [3];
        _c.Leads = [4, 5];
        _self.Follows = new() { [3] = null, [4] = null };
        _b.Follows = new() { [1] = null };
        _targets.See([_self, _b, _c], 1, 2, 3, 4);
        using (var answer = await Reads().SelectAsync(TenantId.Anonymous, [], 0, 1, CancellationToken.None))
        {
            Assert.Equal(["1 self", "2 self", "3 b", "4 c", "5 c"], Texts(answer));
            Assert.Equal([1, 2, 3, 4, 5], answer.Truncated.Select(static x => x.Partition).Order());
        }

        Assert.Equal((1, 1, 1, 0), (_self.Asked.Count, _b.Asked.Count, _c.Asked.Count, _targets.Refreshes));
    }

    [Fact]
    public async Task AsksNobodyElse_WhenAlone()
    {
        _self.Leads = [1, 2];
        _targets.See([_self], 1, 2);
        Assert.Equal(["1 self", "2 self"], await SelectAsync());
        Assert.Equal((1, 0), (_self.Asked.Count, _targets.Refreshes));
    }

    [Fact]
    public async Task AsksAgain_WhenAPartitionHasMoved()
    {
        _self.Leads = [1];
        _b.Leads = [2];
        _b.Before = (number, _) =>
        {
            _b.Leads = number == 1 ? [] : _b.Leads;
            return Task.CompletedTask;
        };
        _b.Follows = new() { [2] = "another one was elected" };
        _c.Leads = [2];
        _targets.See([_self, _b], 1, 2);
        _targets.Store = _ => ([_self, _b, _c], [1, 2]);
        Assert.Equal(["1 self", "2 c"], await SelectAsync());

        // Again only for what was missing.
        Assert.Equal([null, "2"], _self.Asked.Select(Text));
        Assert.Equal([null], _c.Asked.Select(Text));
        Assert.True(_meters.Sum("deucalion_ingester_head_read_retries_total") > 0);
    }

    [Fact]
    public async Task WaitsForAPartitionThatTheViewLists_ThoughNobodyNamesIt()
    {
        _self.Leads = [1];
        _targets.See([_self, _b], 1, 2);
        _b.Before = (number, _) =>
        {
            _b.Leads = number >= 3 ? [2] : [];
            return Task.CompletedTask;
        };
        Assert.Equal(["1 self", "2 b"], await SelectAsync());
        Assert.Equal([null, "2", "2"], _b.Asked.Select(Text));
    }

    [Fact]
    public async Task WaitsForAPartitionThatANodeNames_ThoughTheViewDoesNotList()
    {
        _self.Leads = [1];
        _self.Follows = new() { [9] = null };
        _targets.See([_self, _b], 1);
        _b.Before = (number, _) =>
        {
            _b.Leads = number >= 2 ? [9] : [];
            return Task.CompletedTask;
        };
        Assert.Equal(["1 self", "9 b"], await SelectAsync());
    }

    [Fact]
    public async Task SaysWhatIsMissing_AndWhy_AfterTheDeadline()
    {
        _self.Leads = [1];
        _self.Follows = new() { [4] = null };
        _b.Follows = new() { [2] = "its disk is damaged" };
        _c.Before = static (_, _) => throw new PartitionUnavailableException("connection refused", null);
        _targets.See([_self, _b, _c], 1, 2, 3);
        var exception = await Assert.ThrowsAsync<PartitionUnavailableException>(() => SelectAsync(TimeSpan.FromMilliseconds(100)));
        Assert.Equal(
            "recent samples are not available now: no answer for partition 2, 3, 4; partition 2 at node b (b:9096): its disk is damaged; node c (c:9096): connection refused",
            exception.Message);
        Assert.Equal(1, _meters.Sum("deucalion_ingester_head_reads_unavailable_total"));
        Assert.True(_b.Asked.Count > 2, $"asked {_b.Asked.Count} times");
    }

    [Fact]
    public async Task GoesOnWithoutADeadNode_OnlyAfterTheViewWasReadAnew()
    {
        _self.Leads = [1];
        _b.Leads = [2];
        _c.Before = static (_, _) => throw new PartitionUnavailableException("connection refused", null);
        _targets.See([_self, _b, _c], 1, 2);

        // It may lead a partition that nobody here has heard of; the store has.
        _targets.Store = _ => ([_self, _b, _c], [1, 2, 3]);
        _self.Before = (number, _) =>
        {
            _self.Leads = number == 3 ? [1, 3] : _self.Leads;
            return Task.CompletedTask;
        };
        Assert.Equal(["1 self", "2 b", "3 self"], await SelectAsync());
        Assert.True(_targets.Refreshes >= 1, "the view was not read anew");
        _targets.See([_self, _b, _c], 1, 2);
        _targets.Store = _ => ([_self, _b, _c], [1, 2]);
        Assert.Equal(["1 self", "2 b", "3 self"], await SelectAsync());
    }

    [Fact]
    public async Task FailsRatherThanGoOnWithoutANode_WhenTheStoreDoesNotTellWhatItHolds()
    {
        _self.Leads = [1];
        _c.Before = static (_, _) => throw new PartitionUnavailableException("connection refused", null);
        _targets.See([_self, _c], 1);
        _targets.Store = static _ => throw new IOException("the store is away");
        var exception = await Assert.ThrowsAsync<PartitionUnavailableException>(() => SelectAsync(TimeSpan.FromMilliseconds(100)));
        Assert.Contains("not all nodes have answered", exception.Message, StringComparison.Ordinal);
        Assert.Contains("node c (c:9096): connection refused", exception.Message, StringComparison.Ordinal);

        // With an answer of every node the store is not needed.
        _c.Before = null;
        _c.Leads = [2];
        Assert.Equal(["1 self", "2 c"], await SelectAsync());
    }

    [Fact]
    public async Task TakesOneAnswer_WhenTwoNodesAnswerForAPartition()
    {
        _self.Leads = [1];
        _b.Leads = [2];
        _c.Leads = [2, 3];
        _targets.See([_self, _b, _c], 1, 2, 3);
        for (var i = 0; i < 20; i++)
        {
            var texts = await SelectAsync();
            Assert.Equal(["1", "2", "3"], texts.Select(static x => x.Split(' ')[0]));
            Assert.Equal(0, _b.Open + _c.Open);
        }
    }

    [Fact]
    public async Task DoesNotWaitForASilentNode_OnceOthersHaveWhatItHad()
    {
        _self.Leads = [1];
        _c.Leads = [2];
        _c.Before = static (_, cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        _b.Before = (number, _) =>
        {
            _b.Leads = number >= 2 ? [2] : [];
            return Task.CompletedTask;
        };
        _targets.See([_self, _b, _c], 1, 2);
        Assert.Equal(["1 self", "2 b"], await SelectAsync());
        Assert.Single(_c.Asked);
    }

    [Fact]
    public async Task WaitsForASlowNode_AsLongAsTheViewHasIt()
    {
        _self.Leads = [1];
        _c.Leads = [2];
        _c.Before = static (_, cancellationToken) => Task.Delay(TimeSpan.FromMilliseconds(600), TimeProvider.System, cancellationToken);
        _targets.See([_self, _c], 1, 2);
        Assert.Equal(["1 self", "2 c"], await SelectAsync(TimeSpan.FromMilliseconds(100)));
        Assert.Single(_c.Asked);

        _c.Before = static (_, cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        _targets.Store = number => (number < 4 ? [_self, _c] : [_self], [1, 2]);
        await Assert.ThrowsAsync<PartitionUnavailableException>(() => SelectAsync(TimeSpan.FromMilliseconds(100)));
    }

    [Fact]
    public async Task ReadsAnOldViewAnew_BeforeItIsUsed()
    {
        _self.Leads = [1];
        _b.Leads = [2];
        _targets.See([_self], 1);
        _targets.Age = TimeSpan.FromSeconds(11);
        _targets.Store = _ => ([_self, _b], [1, 2]);
        Assert.Equal(["1 self", "2 b"], await SelectAsync());
        Assert.Equal(1, _targets.Refreshes);
    }

    [Fact]
    public async Task WaitsForTheStoreOnce_WhileItIsAway_AndLearnsOfItsReturn()
    {
        _self.Leads = [1];
        _targets.See([_self], 1);
        _targets.Age = TimeSpan.FromSeconds(11);
        _targets.Store = static _ => throw new CoordinationException("the store is away", null);
        var reads = Reads(refreshPause: TimeSpan.FromHours(1));
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(["1 self"], await SelectAsync(reads));
        }

        Assert.Equal(1, _targets.Refreshes);
        reads = Reads(refreshPause: TimeSpan.FromMilliseconds(1));
        Assert.Equal(["1 self"], await SelectAsync(reads));
        _targets.Store = _ => ([_self], [1]);
        for (var deadline = DateTime.UtcNow.AddSeconds(30); _targets.Age > TimeSpan.Zero; await Task.Delay(1, TestContext.Current.CancellationToken))
        {
            Assert.True(DateTime.UtcNow < deadline, "the view was not read again");
            Assert.Equal(["1 self"], await SelectAsync(reads));
        }
    }

    [Fact]
    public async Task ReadsAnOldViewAnew_ThoughTheStoreWasAwayBefore()
    {
        _self.Leads = [1];
        _b.Leads = [2];
        _targets.See([_self], 1);
        _targets.Age = TimeSpan.FromSeconds(11);
        _targets.Store = static _ => throw new CoordinationException("the store is away", null);
        var reads = Reads(refreshPause: TimeSpan.FromHours(1));
        Assert.Equal(["1 self"], await SelectAsync(reads));

        // The store is back, and the view is renewed as always.
        _targets.Age = TimeSpan.Zero;
        Assert.Equal(["1 self"], await SelectAsync(reads));
        _targets.Age = TimeSpan.FromSeconds(11);
        _targets.Store = _ => ([_self, _b], [1, 2]);
        Assert.Equal(["1 self", "2 b"], await SelectAsync(reads));
        Assert.Equal(2, _targets.Refreshes);
    }

    [Fact]
    public async Task GoesOnWithAnOldView_WhenTheStoreIsSilent()
    {
        _self.Leads = [1];
        _targets.See([_self], 1);
        _targets.Age = TimeSpan.FromSeconds(11);
        _targets.StoreAnswers = _silence.Task;
        var reads = Reads(refreshPause: TimeSpan.FromHours(1));
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(["1 self"], await SelectAsync(reads).WaitAsync(Soon));
        }

        Assert.Equal(1, _targets.Refreshes);
    }

    [Fact]
    public async Task AsksAgainForWhatIsMissing_ThoughTheStoreIsSilent()
    {
        _self.Leads = [1];
        _targets.See([_self, _b], 1, 2);
        _targets.StoreAnswers = _silence.Task;
        _b.Before = (number, _) =>
        {
            _b.Leads = number >= 4 ? [2] : [];
            return Task.CompletedTask;
        };
        Assert.Equal(["1 self", "2 b"], await SelectAsync().WaitAsync(Soon));
        Assert.Equal(1, _targets.Refreshes);
    }

    [Fact]
    public async Task WaitsForASlowStore_WhenOnlyItCanTellWhatADeadNodeHolds()
    {
        _self.Leads = [1];
        _c.Before = static (_, _) => throw new PartitionUnavailableException("connection refused", null);
        _targets.See([_self, _c], 1);
        _targets.StoreAnswers = _silence.Task;
        _targets.Store = _ => ([_self, _c], [1, 2]);
        var exception = await Assert.ThrowsAsync<PartitionUnavailableException>(() => SelectAsync(TimeSpan.FromMilliseconds(100)).WaitAsync(Soon));
        Assert.Contains("not all nodes have answered", exception.Message, StringComparison.Ordinal);

        var select = SelectAsync();
        var before = _c.Asked.Count;
        await Eventually.TrueAsync(() => Task.FromResult(_c.Asked.Count > before + 3), Soon, static () => "the dead node is asked again");
        Assert.False(select.IsCompleted);
        Assert.Equal(2, _targets.Refreshes);
        _self.Leads = [1, 2];
        _silence.SetResult();
        Assert.Equal(["1 self", "2 self"], await select.WaitAsync(Soon));
    }

    [Fact]
    public async Task TakesTheAnswerOfAPrimaryWithoutALease()
    {
        _self.Leads = [1];
        _b.Follows = new() { [2] = null };
        _c.Leads = [2];
        _targets.See([_self, _b], 1, 2);
        _targets.WithoutLease = [_c.Target];
        Assert.Equal(["1 self", "2 c"], await SelectAsync().WaitAsync(Soon));
        Assert.Equal((1, 0), (_c.Asked.Count, _targets.Refreshes));
    }

    [Fact]
    public async Task TakesThisNodesOwnAnswer_ThoughItHasNoLease()
    {
        _self.Leads = [1];
        _b.Leads = [2];
        _targets.See([_b], 1, 2);
        _targets.WithoutLease = [_self.Target];
        Assert.Equal(["1 self", "2 b"], await SelectAsync().WaitAsync(Soon));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SaysWhatAPrimaryWithoutALeaseHolds_WhenItIsDead(bool isSilent)
    {
        _self.Leads = [1];
        _c.Before = isSilent
            ? static (_, cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken)
            : static (_, _) => throw new PartitionUnavailableException("connection refused", null);
        _targets.See([_self, _b], 1, 2);
        _targets.WithoutLease = [_c.Target];
        var exception = await Assert.ThrowsAsync<PartitionUnavailableException>(() => SelectAsync(TimeSpan.FromMilliseconds(100)).WaitAsync(Soon));
        Assert.Equal(
            $"recent samples are not available now: no answer for partition 2; node c (c:9096): {(isSilent ? "no answer yet" : "connection refused")}", exception.Message);

        // Somebody else leads it now: nobody waits for the dead one.
        _b.Leads = [2];
        Assert.Equal(["1 self", "2 b"], await SelectAsync().WaitAsync(Soon));
    }

    [Fact]
    public async Task APrimaryWithoutALease_DoesNotMakeUpForOneThatIsAlive()
    {
        _self.Leads = [1];
        _c.Leads = [2];
        _b.Before = static (_, _) => throw new PartitionUnavailableException("connection refused", null);
        _targets.See([_self, _b], 1, 2);
        _targets.WithoutLease = [_c.Target];
        _targets.Store = static _ => throw new IOException("the store is away");
        var exception = await Assert.ThrowsAsync<PartitionUnavailableException>(() => SelectAsync(TimeSpan.FromMilliseconds(100)).WaitAsync(Soon));
        Assert.Contains("not all nodes have answered", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AsksThisNodeAgain_WhenItStarts_UnlessThereIsNoTime()
    {
        _self.Leads = [1];
        _self.Before = static (number, _) => number < 3 ? throw new PartitionUnavailableException("it starts", null) : Task.CompletedTask;
        _targets.See([_self], 1);
        var exception = await Assert.ThrowsAsync<PartitionUnavailableException>(() => SelectAsync(TimeSpan.Zero));
        Assert.Equal("it starts", exception.Message);
        Assert.Single(_self.Asked);
        Assert.Equal(["1 self"], await SelectAsync());
        Assert.Equal(3, _self.Asked.Count);
    }

    [Fact]
    public async Task GivesEverythingBack_WhenTheCallerGivesUp_OrANodeFailsOtherwise()
    {
        _self.Leads = [1];
        _b.Leads = [2];
        using var giveUp = new CancellationTokenSource();
        _c.Before = async (_, cancellationToken) =>
        {
            await giveUp.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        };
        _targets.See([_self, _b, _c], 1, 2, 3);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Reads().SelectAsync(TenantId.Anonymous, [], 0, 1, giveUp.Token));
        Assert.Equal(0, _self.Open + _b.Open);

        _c.Before = static (_, _) => throw new InvalidOperationException("a mistake");
        await Assert.ThrowsAsync<InvalidOperationException>(() => SelectAsync());
    }

    private ClusterHeadReads Reads(TimeSpan? deadline = null, TimeSpan? refreshPause = null) => new(
        _self,
        target => new[] { _b, _c }.Single(x => x.Target == target),
        _targets,
        new ClusterReadOptions
        {
            Deadline = deadline ?? TimeSpan.FromSeconds(20),
            Patience = TimeSpan.FromMilliseconds(100),
            FirstPause = TimeSpan.FromMilliseconds(5),
            RefreshPatience = TimeSpan.FromMilliseconds(100),
            RefreshPause = refreshPause ?? TimeSpan.FromSeconds(5),
        },
        new HeadReadMetrics(_meters),
        TimeProvider.System,
        NullLogger<ClusterHeadReads>.Instance);

    private Task<List<string>> SelectAsync(TimeSpan? deadline = null) => SelectAsync(Reads(deadline));

    private static async Task<List<string>> SelectAsync(ClusterHeadReads reads)
    {
        using var answer = await reads.SelectAsync(TenantId.Anonymous, [], 0, 1, CancellationToken.None);
        return Texts(answer);
    }

    private static List<string> Texts(HeadAnswer answer) =>
        [.. answer.Batches.Select(static x => $"{x.LabelsAt(0).Get("partition")} {x.LabelsAt(0).Get("node")}").Order(StringComparer.Ordinal)];

    private static string? Text(IReadOnlySet<PartitionId>? only) => only is null ? null : string.Join(",", only.Order());
}
