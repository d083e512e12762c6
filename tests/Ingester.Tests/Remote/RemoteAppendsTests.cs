using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Wire;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Push;
using Deucalion.Ingester.Remote;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Transport;
using Deucalion.Testing.Processes;
using Deucalion.Testing.Wire;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Ingester.Tests.Remote;

public sealed class RemoteAppendsTests : IAsyncLifetime
{
    private static readonly string Here = new('a', 32);
    private static readonly string There = new('b', 32);
    private static readonly PartitionId Partition = new(7);

    private readonly TestMeterFactory _meters = new();
    private readonly FakePartitions _partitions = new();
    private readonly PeerChannels _channels = new(static to => LoopbackNode.Options(Here, to), TimeProvider.System);
    private readonly WriteBatch _batch = new();
    private readonly Random _random = new(1);
    private RemoteAppends _appends = null!;
    private LoopbackNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        var metrics = new RemoteMetrics(_meters);
        _appends = new RemoteAppends(_channels, metrics);
        var endpoint = new AppendEndpoint(_partitions, new RemoteAppendOptions { MaxInFlightCalls = 4 }, metrics, TimeProvider.System);
        _node = await LoopbackNode.StartAsync(There, endpoint.Map);
        do
        {
            RandomBatches.Fill(_batch, _random);
        }
        while (_batch.Series.Length < 10);
    }

    public async ValueTask DisposeAsync()
    {
        _partitions.Release.TrySetResult();
        _channels.Dispose();
        await _node.DisposeAsync();
        _batch.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task StoresThereWhatWasSent_AndTellsWhatWasRejected()
    {
        for (var round = 0; round < 20; round++)
        {
            RandomBatches.Fill(_batch, _random);
            var request = RandomBatches.Request(_batch, _random);
            var counts = new StoredCounts(round, 2, 3);
            _partitions.Answer = sent =>
            {
                sent.Rejections.Add(RejectReason.TooOld, 4, "an old sample");
                sent.Complete(new AppendResult(counts, round % 2 == 0 ? null : "why " + round));
            };
            Assert.Equal(new RemoteAppendOutcome.Answered(new AppendResult(counts, round % 2 == 0 ? null : "why " + round)), await AppendAsync(request));
            Assert.Equal((Partition, Describe(request)), _partitions.Received);
            Assert.Equal(4, request.Rejections.CountOf(RejectReason.TooOld));
            Assert.False(request.Completion.IsCompleted);
        }

        Assert.Equal(20, _meters.Sum("deucalion_ingester_remote_appends_served_total"));
    }

    [Fact]
    public async Task SendsALargeRequestInParts_AndJoinsTheAnswers()
    {
        using var batch = new WriteBatch();
        batch.Reset();
        var (name, value) = (batch.AddText("name"u8), batch.AddText(new byte[16_000]));
        for (var s = 0; s < 2500; s++)
        {
            batch.BeginSeries();
            batch.AddLabel(new WriteLabel(name, 4, value, 16_000));
            batch.AddSample(s, s);
        }

        AppendRequest Request() => new()
        {
            Tenant = Common.Tenants.TenantId.Anonymous,
            Batch = batch,
            Series = Enumerable.Range(0, 2500).ToArray(),
            Hashes = new ulong[2500],
            WithMetadata = false,
        };
        var calls = 0;
        _partitions.Answer = sent =>
        {
            calls++;
            sent.Rejections.Add(RejectReason.TooOld, 1, "an old sample");
            sent.Complete(new AppendResult(new StoredCounts(sent.Series.Length, 1, 2), null));
        };
        var request = Request();
        Assert.Equal(new RemoteAppendOutcome.Answered(new AppendResult(new StoredCounts(2500, 3, 6), null)), await AppendAsync(request));
        Assert.Equal((3, 3), (calls, request.Rejections.Total));

        // A partition that moves may be found elsewhere: the rest is not sent, and the caller tries again.
        calls = 0;
        _partitions.Answer = sent =>
        {
            calls++;
            sent.Complete(new AppendResult(default, "it moves", MayMove: true));
        };
        Assert.Equal(new RemoteAppendOutcome.Answered(new AppendResult(default, "it moves", MayMove: true)), await AppendAsync(Request()));
        Assert.Equal(1, calls);

        // Where a part fails, nothing of the others is counted: all of it is sent again.
        _partitions.Answer = sent =>
        {
            sent.Rejections.Add(RejectReason.TooOld, 1, "an old sample");
            _partitions.IsPrimary = false;
            sent.Complete(new AppendResult(new StoredCounts(sent.Series.Length, 1, 2), null));
        };
        request = Request();
        Assert.Equal(new RemoteAppendOutcome.NotPrimary(null), await AppendAsync(request));
        Assert.Equal(0, request.Rejections.Total);
    }

    [Fact]
    public async Task SendsASeriesThatNoCallHolds_InParts()
    {
        const int Samples = 3_000_000;
        using var batch = new WriteBatch();
        batch.Reset();
        batch.BeginSeries();
        var text = batch.AddText("__name__"u8);
        batch.AddLabel(new WriteLabel(text, 8, text, 8));
        for (var i = 0; i < Samples; i++)
        {
            batch.AddSample(i, i, 1);
        }

        Assert.True(24L * Samples > WireServerOptions.DefaultMaxMessageSize, "too few samples");
        _partitions.IsDescribed = false;
        var next = 0L;
        _partitions.Answer = sent =>
        {
            Assert.Equal(1, sent.Series.Length);
            var times = sent.Batch.Times;
            Assert.Equal((next, next + times.Length - 1), (times[0], times[^1]));
            next += times.Length;
            sent.Complete(new AppendResult(new StoredCounts(times.Length, 0, 0), null));
        };
        var request = new AppendRequest { Tenant = Common.Tenants.TenantId.Anonymous, Batch = batch, Series = new int[1], Hashes = new ulong[1], WithMetadata = false };
        Assert.Equal(new RemoteAppendOutcome.Answered(new AppendResult(new StoredCounts(Samples, 0, 0), null)), await AppendAsync(request));
    }

    [Fact]
    public async Task TellsTheEntryKnownThere_WhenTheNodeIsNotPrimary()
    {
        var entry = new PartitionEntry
        {
            Term = 3,
            Version = 4,
            ReplicationFactor = 3,
            MinInSync = 2,
            Primary = Here,
            InSync = [new ReplicaRef(Here, There)],
            Learners = [],
            WriterId = "1",
            Counter = 2,
        };
        _partitions.IsPrimary = false;
        Assert.Equal(new RemoteAppendOutcome.NotPrimary(null), await AppendAsync());
        _partitions.Known = entry;
        Assert.Equal(entry.Serialize(), Assert.IsType<RemoteAppendOutcome.NotPrimary>(await AppendAsync()).KnownEntry!.Serialize());
    }

    [Fact]
    public async Task IsUnreachable_WhenNothingListens_OrTheNodeIsAnother()
    {
        Assert.Contains("is meant for node", await FailureAsync(_node.Address, new string('c', 32)), StringComparison.Ordinal);
        Assert.Contains("no host:port", await FailureAsync("nowhere at all", There), StringComparison.Ordinal);
        await _node.StopAsync();
        Assert.Contains(_node.Address, await FailureAsync(_node.Address, There), StringComparison.Ordinal);

        // The node comes back, and so do the calls.
        await _node.StartAsync();
        Assert.IsType<RemoteAppendOutcome.Answered>(await AppendAsync());

        async Task<string> FailureAsync(string address, string node) => Assert.IsType<RemoteAppendOutcome.Unreachable>(
            await _appends.AppendAsync(address, node, Partition, RandomBatches.Request(_batch, _random), TimeSpan.FromSeconds(20), CancellationToken.None)).Reason;
    }

    [Fact]
    public async Task IsUnreachable_WhenThePartitionDoesNotAnswerInTime()
    {
        _partitions.Answer = null;
        var outcome = await _appends.AppendAsync(
            _node.Address, There, Partition, RandomBatches.Request(_batch, _random), TimeSpan.FromMilliseconds(200), CancellationToken.None);
        Assert.Contains("longer than 0.2 s", Assert.IsType<RemoteAppendOutcome.Unreachable>(outcome).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IsCancelled_WhenTheCallerGivesUp()
    {
        _partitions.Answer = null;
        using var giveUp = new CancellationTokenSource();
        var append = _appends.AppendAsync(_node.Address, There, Partition, RandomBatches.Request(_batch, _random), TimeSpan.FromSeconds(20), giveUp.Token);
        await Eventually.TrueAsync(() => Task.FromResult(_partitions.Count == 1), TimeSpan.FromSeconds(10), () => "the call has not arrived");
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => append);
    }

    [Fact]
    public async Task TellsToTryAgain_WhenTooManyCallsAreUnderWay()
    {
        _partitions.Answer = null;
        var waiting = Enumerable.Range(0, 4).Select(_ => AppendAsync()).ToList();
        await Eventually.TrueAsync(() => Task.FromResult(_partitions.Count == 4), TimeSpan.FromSeconds(10), () => "the calls have not arrived");
        var refused = Assert.IsType<RemoteAppendOutcome.Answered>(await AppendAsync());
        Assert.Contains("too many appends", refused.Result.RetryableFailure, StringComparison.Ordinal);
        _partitions.Release.SetResult();
        Assert.All(await Task.WhenAll(waiting), x => Assert.IsType<RemoteAppendOutcome.Answered>(x));
        Assert.Null(Assert.IsType<RemoteAppendOutcome.Answered>(await AppendAsync()).Result.RetryableFailure);
    }

    [Fact]
    public async Task RefusesWhatIsNoAppend()
    {
        using var channel = new WireChannel(_node.Address, LoopbackNode.Options(Here, There));
        var refused = await Assert.ThrowsAsync<WireException>(async () => await channel.UnaryAsync(RemoteMethods.Append, new byte[] { 0xFF }, TimeSpan.FromSeconds(20), CancellationToken.None));
        Assert.Equal(WireStatus.InvalidArgument, refused.Status);
        Assert.Equal(0, _partitions.Count);
    }

    private static string Describe(AppendRequest request) =>
        RandomBatches.Describe(request.Tenant, request.Batch, request.Series.Span, request.Hashes.Span, request.WithMetadata);

    private Task<RemoteAppendOutcome> AppendAsync(AppendRequest? request = null) =>
        _appends.AppendAsync(_node.Address, There, Partition, request ?? RandomBatches.Request(_batch, new Random(5)), TimeSpan.FromSeconds(20), CancellationToken.None);

    private sealed class FakePartitions : ILocalPartitions
    {
        private int _count;

        public bool IsPrimary { get; set; } = true;

        public PartitionEntry? Known { get; set; }

        /// <summary>Whether <see cref="Received"/> says what came.</summary>
        public bool IsDescribed { get; set; } = true;

        public Action<AppendRequest>? Answer { get; set; } = static request => request.Complete(default);

        /// <summary>What requests that get no answer wait for.</summary>
        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Count => Volatile.Read(ref _count);

        public (PartitionId, string) Received { get; private set; }

        public PartitionEntry? EntryOf(PartitionId partition) => null;

        public bool TryAppend(PartitionId partition, AppendRequest request, out PartitionEntry? knownEntry)
        {
            knownEntry = IsPrimary ? null : Known;
            if (IsPrimary)
            {
                Received = (partition, IsDescribed ? Describe(request) : string.Empty);
                Interlocked.Increment(ref _count);
                if (Answer is { } answer)
                {
                    answer(request);
                }
                else
                {
                    _ = Release.Task.ContinueWith(_ => request.Complete(default), TaskScheduler.Default);
                }
            }

            return IsPrimary;
        }
    }
}
