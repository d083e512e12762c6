using System.Collections.Concurrent;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;
using Testing.Disk;
using Xunit;

namespace Replication.Tests.PartitionLog;

public sealed class ReplicatedLogTests : IDisposable
{
    private readonly LogFixture _node = new(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task AppliesAtCommit_InOrder()
    {
        _node.Start();
        var log = _node.Log(5);
        await _node.OpenAsync(5);
        Assert.Equal((2, 1, 1), (log.Term, log.End, log.CommitIndex));
        log.Append(RecordKind.Series, "a"u8);
        var last = log.Append(RecordKind.Samples, "b"u8);
        Assert.Empty(_node.OwnerOf(5).Applied);
        Assert.Equal(2, log.PendingBytes);
        await LogFixture.CommitAsync(log, _node.OwnerOf(5), last);

        Assert.Equal(["a", "b"], _node.OwnerOf(5).Applied);
        Assert.Equal([2L, 3L], _node.OwnerOf(5).Seqs);
        Assert.Equal((3, 0), (log.CommitIndex, log.PendingBytes));
    }

    [Fact]
    public async Task ReplaysAfterARestart_InANewTerm()
    {
        _node.Start();
        foreach (var partition in (int[])[1, 2])
        {
            await _node.OpenAsync(partition);
            await LogFixture.WriteAsync(_node.Log(partition), _node.OwnerOf(partition), $"of {partition}");
        }

        _node.Logs.Dispose();
        _node.Start();
        Assert.Equal([1, 2], _node.Recovered.Select(static log => log.Partition.Value));
        Assert.Equal(["of 1"], _node.OwnerOf(1).Applied);
        var again = _node.Log(2);
        Assert.Throws<LogLostException>(() => again.Append(RecordKind.Samples, "x"u8));
        await _node.OpenAsync(2);
        Assert.Equal((3, 3), (again.Term, again.End));
        await LogFixture.WriteAsync(again, _node.OwnerOf(2), "more");

        Assert.Equal(["of 2", "more"], _node.OwnerOf(2).Applied);
    }

    [Fact]
    public async Task AppliesNothingEarly()
    {
        _node.Start();
        var log = _node.Log(1);
        await _node.OpenAsync(1);
        var gate = new ManualResetEventSlim();
        _node.Disk.Fault = (operation, _) =>
        {
            if (operation == DiskOperation.Sync)
            {
                gate.Wait(Token);
            }

            return null;
        };
        var first = log.Append(RecordKind.Samples, "pending"u8);
        log.Advance();
        Assert.True(log.Applied.Seq < log.End);
        Assert.Empty(_node.OwnerOf(1).Applied);
        gate.Set();
        await LogFixture.CommitAsync(log, _node.OwnerOf(1), first);

        Assert.Equal(log.End, log.Applied.Seq);
    }

    [Fact]
    public async Task OpensAgainWithoutWaiting_WhenTheDiskWasFullForAMoment()
    {
        // No time passes for the log.
        _node.Tick = TimeSpan.FromHours(1);
        _node.Start();
        var log = _node.Log(1);
        await _node.OpenAsync(1);
        await LogFixture.WriteAsync(log, _node.OwnerOf(1), "kept");
        var refusals = 0;
        _node.Disk.Fault = (operation, path) =>
            operation == DiskOperation.Append && path.StartsWith(LogFixture.JournalDirectory, StringComparison.Ordinal) && Interlocked.Increment(ref refusals) == 1
                ? new DiskFullException("full", null)
                : null;
        await Assert.ThrowsAnyAsync<IOException>(() => LogFixture.WriteAsync(log, _node.OwnerOf(1), "lost"));

        await _node.OpenAsync(1).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await Eventually(() => !_node.Logs.Journal.IsBelowReserve);
        await LogFixture.WriteAsync(log, _node.OwnerOf(1), "after");

        Assert.Equal(["kept", "after"], _node.OwnerOf(1).Applied);
    }

    [Fact]
    public async Task DropsWhatIsPending_WhenTheDiskIsFull_AndOpensAgain()
    {
        _node.Start();
        var log = _node.Log(1);
        await _node.OpenAsync(1);
        await LogFixture.WriteAsync(log, _node.OwnerOf(1), "kept");
        _node.Disk.Fault = static (operation, path) =>
            operation == DiskOperation.Append && path.StartsWith(LogFixture.JournalDirectory, StringComparison.Ordinal) ? new DiskFullException("full", null) : null;

        // The refusal may be known before the append returns.
        await Assert.ThrowsAnyAsync<IOException>(() => LogFixture.WriteAsync(log, _node.OwnerOf(1), "lost"));
        log.Advance();
        Assert.Equal("full", log.Trouble);
        Assert.False(log.CanAppend);
        _node.Disk.Fault = null;
        await _node.OpenAsync(1);
        await Eventually(() => !_node.Logs.Journal.IsBelowReserve);
        await LogFixture.WriteAsync(log, _node.OwnerOf(1), "after");

        Assert.Equal(["kept", "after"], _node.OwnerOf(1).Applied);
        _node.Logs.Dispose();
        _node.Start();
        Assert.Equal(["kept", "after"], _node.OwnerOf(1).Applied);
        Assert.All(_node.Recovered, static recovered => Assert.Null(recovered.Refusal));
    }

    [Fact]
    public async Task AReplicaWithoutRoomGoesOnToStandAside_WhenItIsALearner()
    {
        var others = new Others();
        _node.Transport = others;
        _node.Disk.Capacity = 1 << 20;
        _node.ReserveBytes = 2 << 20;
        var none = new string('0', 32);
        var entry = new PartitionEntry
        {
            Term = 4,
            Version = 8,
            ReplicationFactor = 3,
            MinInSync = 2,
            Primary = new string('a', 32),
            InSync = [new ReplicaRef(new string('a', 32), none), new ReplicaRef(new string('b', 32), none)],
            Learners = [new ReplicaRef(NodeIdentity.LoadOrCreate(_node.Disk, "/data/node"), none)],
            WriterId = none,
            Counter = 1,
        };
        await _node.Store().PutIfAsync("partitions/1", entry.Serialize(), null, Token);
        _node.Start();
        var log = _node.Log(1);
        await Eventually(() =>
        {
            log.Advance();
            return others.StoodAside.Count >= 3;
        });

        // Otherwise the primary, which takes it for complete while nothing is written, takes it back.
        Assert.All(others.StoodAside, aside => Assert.Equal((entry.Primary, 4L), aside));
        Assert.False(log.StandAside());
    }

    [Fact]
    public async Task ReplaysAboveTheCheckpoint()
    {
        _node.Start();
        var log = _node.Log(1);
        var owner = _node.OwnerOf(1);
        await _node.OpenAsync(1);
        for (var i = 0; i < 100; i++)
        {
            await LogFixture.WriteAsync(log, owner, $"record {i} {new string('x', 100)}");
            if (i == 60)
            {
                owner.Save(_node.Disk, log);
            }
        }

        var expected = owner.Applied.ToList();
        Assert.DoesNotContain(_node.Disk.List(LogFixture.JournalDirectory), static entry => entry.Name == "0000000001.log");
        _node.Logs.Dispose();
        _node.Start();

        Assert.Equal(expected, _node.OwnerOf(1).Applied);
        Assert.Equal(39, _node.OwnerOf(1).Seqs.Count);
        await _node.OpenAsync(1);
    }

    [Fact]
    public async Task RefusesToOpen_WhenTheCheckpointIsGoneOrDamaged()
    {
        await ReplaysAboveTheCheckpoint();
        _node.Logs.Dispose();
        _node.Disk.Flip("/data/partitions/1/checkpoint", 200);
        _node.Start();
        Assert.Contains("damaged", Assert.Single(_node.Recovered).Refusal, StringComparison.Ordinal);
        _node.Logs.Dispose();
        _node.Disk.Delete("/data/partitions/1/checkpoint");
        _node.Start();

        var refused = await Assert.ThrowsAsync<PartitionRefusedException>(() => _node.OpenAsync(1));
        Assert.Contains("--wal.salvage", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_node.OwnerOf(1).Applied);
        await _node.OpenAsync(2);
    }

    [Fact]
    public async Task AMissingLogIsNotAnEmptyLog()
    {
        _node.Start();
        await _node.OpenAsync(1);
        await LogFixture.WriteAsync(_node.Log(1), _node.OwnerOf(1), "x");
        _node.Logs.Dispose();
        _node.Disk.DeleteDirectory(LogFixture.JournalDirectory);
        _node.Start();
        await Assert.ThrowsAsync<PartitionRefusedException>(() => _node.OpenAsync(1));

        // Nor where the incarnation was left behind.
        _node.Logs.Dispose();
        foreach (var name in _node.Disk.List(LogFixture.JournalDirectory).Where(static entry => entry.Name.EndsWith(".log", StringComparison.Ordinal)))
        {
            _node.Disk.Delete(Path.Combine(LogFixture.JournalDirectory, name.Name));
        }

        _node.Start();
        await Assert.ThrowsAsync<PartitionRefusedException>(() => _node.OpenAsync(1));
        await _node.OpenAsync(2);
    }

    [Fact]
    public async Task ALogWithoutItsTableDoesNotOpen_UntilTheTableIsThereAgain()
    {
        _node.Start();
        await _node.OpenAsync(1);
        _node.Logs.Dispose();
        var entry = (await _node.Store().GetAsync("partitions/1", Token))!;
        _node.Disk.DeleteDirectory("/data/coordination");
        _node.Start();
        var log = _node.Log(1);
        await Eventually(() =>
        {
            log.Want(create: true);
            log.Advance();
            return log.Trouble is not null;
        });

        Assert.Contains("no entry: is this the right coordination store?", log.Trouble, StringComparison.Ordinal);
        Assert.Contains("no entry", _node.OwnerOf(1).ClosedBy, StringComparison.Ordinal);
        Assert.False(log.CanAppend);
        Assert.Null(await _node.Store().GetAsync("partitions/1", Token));

        await _node.Store().PutIfAsync("partitions/1", entry.Value, null, Token);
        await _node.OpenAsync(1);
        Assert.Null(log.Trouble);
    }

    [Fact]
    public async Task ANewIncarnationSucceeds_AfterAnUncleanStopWithoutSync()
    {
        _node.Sync = JournalSync.Interval;
        _node.Start();
        await _node.OpenAsync(1);
        await LogFixture.WriteAsync(_node.Log(1), _node.OwnerOf(1), "x");
        var before = await ListedAsync();
        _node.Disk.Crash();
        _node.Logs.Journal.Abandon();
        _node.Start();

        await _node.OpenAsync(1);
        Assert.NotEqual(before, await ListedAsync());
        Assert.Equal(3, _node.Log(1).Term);
    }

    [Fact]
    public async Task TheIncarnationStays_WithSyncedRounds_OrAfterACleanStop()
    {
        _node.Start();
        await _node.OpenAsync(1);
        var incarnation = await ListedAsync();
        _node.Disk.Crash();
        _node.Logs.Journal.Abandon();
        _node.Sync = JournalSync.Never;
        _node.Start();
        await _node.OpenAsync(1);
        Assert.Equal(incarnation, await ListedAsync());
        _node.Logs.Dispose();
        _node.Start();
        await _node.OpenAsync(1);
        Assert.Equal(incarnation, await ListedAsync());
    }

    [Fact]
    public async Task ReadsBack_WhenTheOutcomeOfTakingATermIsUnknown()
    {
        var store = new UnsureStore(_node.Store());
        _node.Start(store);
        store.FailAfterWriting = 1;
        await _node.OpenAsync(1);
        Assert.Equal(2, _node.Log(1).Term);
        _node.Logs.Dispose();
        _node.Start(store);
        store.FailAfterWriting = 1;
        await _node.OpenAsync(1);
        Assert.Equal(3, _node.Log(1).Term);
        _node.Logs.Dispose();
        _node.Start(store);
        store.FailBeforeWriting = 1;
        await _node.OpenAsync(1);
        Assert.Equal(4, _node.Log(1).Term);
    }

    [Fact]
    public async Task RecoveryFailsWithTheDisksFailure()
    {
        await ReplaysAboveTheCheckpoint();
        _node.Logs.Dispose();
        _node.Disk.Fault = static (operation, path) =>
            operation == DiskOperation.SyncDirectory && path.StartsWith("/data/partitions/1", StringComparison.Ordinal) ? new IOException("no disk") : null;

        Assert.Equal("no disk", Assert.Throws<IOException>(() => _node.Start()).Message);
    }

    [Fact]
    public async Task CostsNothing_UntilItIsUsed()
    {
        _node.Start();
        var operations = _node.Disk.Operations;
        for (var partition = 0; partition < 256; partition++)
        {
            _node.Log(partition);
        }

        Assert.Equal(operations, _node.Disk.Operations);
        Assert.Empty(await _node.Store().ListAsync("partitions/", Token));
    }

    private async Task<string> ListedAsync() =>
        Assert.Single(PartitionEntry.Parse((await _node.Store().GetAsync("partitions/1", Token))!.Value.Span).InSync).Incarnation;

    private static async Task Eventually(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var i = 0; i < 4000 && !condition(); i++)
        {
            await timer.WaitForNextTickAsync(Token);
        }

        Assert.True(condition());
    }

    private sealed class Others : IReplicaTransport
    {
        public ConcurrentQueue<(string To, long Term)> StoodAside { get; } = [];

        public void Send(NodeId to, PartitionId partition, ReplicaMessage message)
        {
            if (message is StandAside)
            {
                StoodAside.Enqueue((ReplicaProtocol.NameOf(to), message.Term));
            }
        }

        public bool SendCheckpoint(NodeId to, PartitionId partition, long term, Func<Stream> open) => false;
    }

    private sealed class UnsureStore(ICoordinationStore inner) : ICoordinationStore
    {
        public int FailAfterWriting { get; set; }

        public int FailBeforeWriting { get; set; }

        public ValueTask<CoordinationEntry?> GetAsync(string key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

        public async ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> value, string? ifRevision, CancellationToken cancellationToken)
        {
            if (FailBeforeWriting-- > 0)
            {
                throw new CoordinationException("the store is gone", null);
            }

            var revision = await inner.PutIfAsync(key, value, ifRevision, cancellationToken);
            return FailAfterWriting-- > 0 ? throw new CoordinationException("the answer is lost", null) : revision;
        }

        public ValueTask<bool> DeleteIfAsync(string key, string ifRevision, CancellationToken cancellationToken) =>
            inner.DeleteIfAsync(key, ifRevision, cancellationToken);

        public ValueTask<IReadOnlyList<CoordinationEntry>> ListAsync(string prefix, CancellationToken cancellationToken) =>
            inner.ListAsync(prefix, cancellationToken);

        public IAsyncEnumerable<CoordinationChange> WatchAsync(string prefix, CancellationToken cancellationToken) => inner.WatchAsync(prefix, cancellationToken);

        public ValueTask<ICoordinationLease?> TryAcquireLeaseAsync(string name, string owner, TimeSpan timeToLive, CancellationToken cancellationToken) =>
            inner.TryAcquireLeaseAsync(name, owner, timeToLive, cancellationToken);

        public ValueTask<IReadOnlyList<LeaseSight>> LeasesAsync(string prefix, CancellationToken cancellationToken) => inner.LeasesAsync(prefix, cancellationToken);
    }
}
