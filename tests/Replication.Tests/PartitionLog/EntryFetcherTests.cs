using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.Tests.Membership;
using Deucalion.Testing.Processes;
using Testing.Disk;
using Testing.Telemetry;
using Xunit;

namespace Replication.Tests.PartitionLog;

public sealed class EntryFetcherTests : IDisposable
{
    private static readonly PartitionId Partition = new(7);

    private readonly TestMeterFactory _meters = new();
    private readonly SimulatedDisk _disk = new(1);
    private readonly MemoryStore _documents = new();
    private readonly GatedStore _store;
    private readonly LogInbox _inbox = new(static () => { });
    private readonly Journal _journal;
    private readonly EntryFetcher _fetcher;

    public EntryFetcherTests()
    {
        var options = new ReplicatedLogsOptions { PartitionsDirectory = "/data/partitions", Journal = new JournalOptions { Directory = "/data/journal", ReserveBytes = 0 } };
        _journal = Journal.Open(_disk, options.Journal, new JournalMetrics(_meters), TimeProvider.System);
        _store = new GatedStore(_documents.Open());
        _fetcher = new EntryFetcher(Partition, new LogShellParts
        {
            Disk = _disk,
            Journal = _journal,
            Incarnation = LogIncarnation.Open(_disk, options.Journal.Directory, _journal.Recovery),
            Node = new string('a', 32),
            Table = new TableClient(_store, static (_, _) => { }),
            Options = options,
            Time = TimeProvider.System,
            Protocol = static () => ClusterProtocol.Newest,
            Transport = null,
            Reports = null,
            Stopping = CancellationToken.None,
        }, _inbox);
    }

    public void Dispose()
    {
        _journal.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task ReadsBackOnceMore_HoweverOftenItIsAskedWhileTheStoreDoesNotAnswer()
    {
        var written = _documents.Put("partitions/7", TestNodes.Entry(1, 1, 1).Serialize(), null);
        _fetcher.ReadBack();
        await UntilAsync(() => _store.Readings == 1);

        // What is asked for from now on has to see this.
        _documents.Put("partitions/7", TestNodes.Entry(2, 1, 1).Serialize(), written);
        for (var i = 0; i < 100; i++)
        {
            _fetcher.ReadBack();
        }

        _store.Answers.Release();
        Assert.Equal(1, await NextAsync());
        _store.Answers.Release(1000);
        Assert.Equal(2, await NextAsync());
        Assert.Equal(2, _store.Readings);

        _documents.Put("partitions/7", TestNodes.Entry(3, 1, 1).Serialize(), _documents.Peek("partitions/7")!.Revision);
        _fetcher.ReadBack();
        Assert.Equal(3, await NextAsync());
        Assert.Equal(3, _store.Readings);
    }

    [Fact]
    public async Task ReadsBackAgain_AfterTheStoreFailed()
    {
        _documents.Put("partitions/7", TestNodes.Entry(1, 1, 1).Serialize(), null);
        _documents.IsDown = true;
        _fetcher.ReadBack();
        await UntilAsync(() => _store.Readings == 1);
        _documents.IsDown = false;
        _store.Answers.Release(10);
        _fetcher.ReadBack();
        Assert.Equal(1, await NextAsync());
    }

    private async Task<long> NextAsync()
    {
        LogEvent? happened = null;
        await UntilAsync(() => _inbox.TryTake(out happened));
        var arrived = Assert.IsType<EntryArrived>(happened);
        Assert.True(arrived.WasReadBack);
        return arrived.Entry.Version;
    }

    private static Task UntilAsync(Func<bool> condition) =>
        Eventually.TrueAsync(() => Task.FromResult(condition()), TimeSpan.FromSeconds(10), static () => "the condition holds");

    /// <summary>A store that reads at once, and answers when it may.</summary>
    private sealed class GatedStore(ICoordinationStore inner) : ICoordinationStore
    {
        private int _readings;

        public SemaphoreSlim Answers { get; } = new(0);

        public int Readings => Volatile.Read(ref _readings);

        public async ValueTask<CoordinationEntry?> GetAsync(string key, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _readings);
            var found = await inner.GetAsync(key, cancellationToken);
            await Answers.WaitAsync(cancellationToken);
            return found;
        }

        public ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> value, string? ifRevision, CancellationToken cancellationToken) =>
            inner.PutIfAsync(key, value, ifRevision, cancellationToken);

        public ValueTask<bool> DeleteIfAsync(string key, string ifRevision, CancellationToken cancellationToken) => inner.DeleteIfAsync(key, ifRevision, cancellationToken);

        public ValueTask<IReadOnlyList<CoordinationEntry>> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

        public IAsyncEnumerable<CoordinationChange> WatchAsync(string prefix, CancellationToken cancellationToken) => inner.WatchAsync(prefix, cancellationToken);

        public ValueTask<ICoordinationLease?> TryAcquireLeaseAsync(string name, string owner, TimeSpan timeToLive, CancellationToken cancellationToken) =>
            inner.TryAcquireLeaseAsync(name, owner, timeToLive, cancellationToken);

        public ValueTask<IReadOnlyList<LeaseSight>> LeasesAsync(string prefix, CancellationToken cancellationToken) => inner.LeasesAsync(prefix, cancellationToken);
    }
}
