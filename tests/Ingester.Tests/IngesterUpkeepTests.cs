using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Routing;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Testing.Processes;
using Testing.Disk;
using Xunit;

namespace Deucalion.Ingester.Tests;

public sealed class IngesterUpkeepTests : IAsyncDisposable
{
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private readonly IngesterFixture _ingester = new(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private long JournalBytes => _ingester.Disk.List("/data/journal").Sum(static x => x.Length);

    public ValueTask DisposeAsync() => _ingester.DisposeAsync();

    [Fact]
    public async Task AWiderTenantSpreadsOverMorePartitions_AndOldSamplesStayReadable()
    {
        Assert.True(TenantId.TryParse("growing", out var tenant, out _));
        _ingester.Options = _ingester.Options with { Routing = new RoutingOptions { Partitions = 8, AnonymousWidth = 1, SeriesPerPartition = 30 } };
        await _ingester.StartAsync();
        var expected = new Dictionary<(string, long), double>();
        await WriteAsync(tenant, expected, Now);
        Assert.Equal(1, Holders(tenant));
        await _ingester.Module.Upkeep.GrowAsync(CancellationToken.None);
        await WriteAsync(tenant, expected, Now + 1);
        Assert.InRange(Holders(tenant), 2, 4);
        Assert.Equal(expected, await _ingester.ReadHeadsAsync(tenant));
        await _ingester.CrashAsync();
        await _ingester.StartAsync();
        Assert.Equal(expected, await _ingester.ReadHeadsAsync(tenant));
    }

    [Fact]
    public async Task ThePartitionThatPinsTheJournalIsCheckpointed()
    {
        LimitJournal();
        await _ingester.StartAsync();
        var expected = new Dictionary<(string, long), double>();
        await FillJournalAsync(expected);
        await _ingester.Module.Upkeep.ReleaseJournalAsync(CancellationToken.None);
        Assert.True(JournalBytes <= 3 * 4096);
        await _ingester.CrashAsync();
        await _ingester.StartAsync();
        Assert.Equal(expected, await _ingester.ReadHeadsAsync(TenantId.Anonymous));
    }

    [Fact]
    public async Task APartitionGoesOn_WhenItsCheckpointCannotBeWritten()
    {
        LimitJournal();
        await _ingester.StartAsync();
        var expected = new Dictionary<(string, long), double>();
        await FillJournalAsync(expected);
        _ingester.Disk.Fault = static (_, path) => path.StartsWith("/data/partitions/", StringComparison.Ordinal) ? new DiskFullException("full", null) : null;
        await Assert.ThrowsAsync<DiskFullException>(() => _ingester.Module.Upkeep.ReleaseJournalAsync(Token));
        _ingester.Disk.Fault = null;
        await WriteAsync(TenantId.Anonymous, expected, Now + 200);
        await _ingester.Module.Upkeep.ReleaseJournalAsync(Token);
        Assert.True(JournalBytes <= 3 * 4096);
        Assert.Equal(expected, await _ingester.ReadHeadsAsync(TenantId.Anonymous));
    }

    [Fact]
    public async Task SegmentsThatAFullDiskKeepsGoALittleLater()
    {
        LimitJournal();
        await _ingester.StartAsync();
        var expected = new Dictionary<(string, long), double>();
        await FillJournalAsync(expected);
        _ingester.Disk.Fault = static (_, path) => path.StartsWith("/data/journal/released", StringComparison.Ordinal) ? new DiskFullException("full", null) : null;
        await _ingester.Module.Upkeep.ReleaseJournalAsync(Token);
        Assert.True(JournalBytes > 3 * 4096);
        await WriteAsync(TenantId.Anonymous, expected, Now + 200);
        _ingester.Disk.Fault = null;
        await JournalIsShorterAsync();
        await WriteAsync(TenantId.Anonymous, expected, Now + 201);
        await _ingester.CrashAsync();
        await _ingester.StartAsync();
        Assert.Equal(expected, await _ingester.ReadHeadsAsync(TenantId.Anonymous));
    }

    [Fact]
    public async Task AReplicaThatHasGivenItsRecordsBackDoesNotPinTheJournal()
    {
        LimitJournal();
        await _ingester.StartAsync();
        var expected = new Dictionary<(string, long), double>();
        await WriteAsync(TenantId.Anonymous, expected, Now);
        var left = Enumerable.Range(0, 8).Select(static x => new PartitionId(x)).First(x => _ingester.Module.Host.Current!.Find(x) is null);
        await RecordAsync(left, 0, 0, RecordKind.StartedOver, []);
        await RecordAsync(left, 3, 0, RecordKind.CutBack, []);
        await RecordAsync(left, 3, 0, RecordKind.TermEntered, new byte[16]);
        await _ingester.StopAsync();
        await PutLedElsewhereAsync(left);

        await _ingester.StartAsync();
        await FillJournalAsync(expected);
        await _ingester.Module.Upkeep.ReleaseJournalAsync(Token);

        // The log releases what was kept for its note once it has heard that a new one is durable.
        await JournalIsShorterAsync();
        await _ingester.CrashAsync();
        await _ingester.StartAsync();
        Assert.Equal(expected, await _ingester.ReadHeadsAsync(TenantId.Anonymous));
    }

    [Fact]
    public async Task APartitionThatKeepsItsRecordsForALearnerIsNotCheckpointedOverAndOver()
    {
        LimitJournal();
        await _ingester.StartAsync();
        var expected = new Dictionary<(string, long), double>();
        await WriteAsync(TenantId.Anonymous, expected, Now);
        var pinned = _ingester.Module.Host.Current!.Partitions.First();
        await pinned.CheckpointAsync(Token);
        await SendsACheckpointAsync(pinned);
        await FillJournalAsync(expected);
        var checkpoints = 0;
        _ingester.Disk.Fault = (operation, path) =>
        {
            checkpoints += operation == DiskOperation.Create && path.StartsWith(pinned.Log.CheckpointPath, StringComparison.Ordinal) ? 1 : 0;
            return null;
        };
        await _ingester.Module.Upkeep.ReleaseJournalAsync(Token);
        Assert.Equal(pinned.Partition, _ingester.Module.Host.Current!.OldestHolder()?.Partition);

        // The second one is for the note of the term, which the first may have written into a later segment.
        Assert.Equal(2, checkpoints);
        _ingester.Disk.Fault = null;
    }

    [Fact]
    public async Task SamplesAreRefusedWhenMemoryIsUsedUp_UntilShippingHasFreedIt()
    {
        _ingester.Options = _ingester.Options with { HeadMemoryBytes = 1 };
        await _ingester.StartAsync();
        var outcome = await _ingester.WriteAsync(TenantId.Anonymous, [("a", Now, 1)]);
        Assert.Null(outcome.RetryableFailure);
        outcome = await _ingester.WriteAsync(TenantId.Anonymous, [("a", Now + 1, 1)]);
        Assert.Contains("memory", outcome.RetryableFailure, StringComparison.Ordinal);
        Assert.Single(await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        await _ingester.Module.Upkeep.ReleaseMemoryAsync(CancellationToken.None);
        Assert.Empty(await _ingester.ReadHeadsAsync(TenantId.Anonymous));
        Assert.Single(await _ingester.ReadAllAsync(TenantId.Anonymous));
    }

    [Fact]
    public async Task APartitionWithARecordThatCannotBeAppliedRefusesReadsAndWrites_WhileOthersTakeSamples()
    {
        await _ingester.StartAsync();
        var expected = new Dictionary<(string, long), double>();
        await WriteAsync(TenantId.Anonymous, expected, Now);
        var broken = _ingester.Module.Host.Current!.Partitions.First().State;
        Assert.Throws<Deucalion.Storage.Head.HeadFormatException>(() => broken.ApplyNow(1, RecordKind.Samples, [9, .. "anonymous"u8, 99]));
        await Assert.ThrowsAsync<PartitionUnavailableException>(() => _ingester.ReadHeadsAsync(TenantId.Anonymous));
        var outcome = await _ingester.WriteAsync(TenantId.Anonymous, [.. Enumerable.Range(0, 40).Select(x => (IngesterFixture.Name(x), Now + 1, 1.0))]);
        Assert.InRange(outcome.Stored, 1, 39);
        Assert.Contains("cannot be applied", outcome.RetryableFailure, StringComparison.Ordinal);

        // Another replica's checkpoint takes its place.
        broken.Reset();
        Assert.Null(broken.Damage);
    }

    [Fact]
    public async Task HeadsThatLackARecordAreNotCheckpointed_SoTheJournalKeepsIt()
    {
        _ingester.Options = _ingester.Options with { Partitions = new PartitionOptions { CheckpointBytes = long.MaxValue } };
        await _ingester.StartAsync();
        await WriteAsync(TenantId.Anonymous, [], Now);
        var log = _ingester.Module.Host.Current!.Partitions.First().Log;
        await RecordAsync(log.Partition, log.Term, log.End + 1, RecordKind.Samples, [9, .. "anonymous"u8, 99]);
        await _ingester.CrashAsync();

        // What was replayed makes a checkpoint due; the upkeep wants one; so does the stop.
        _ingester.Options = _ingester.Options with { Partitions = new PartitionOptions { CheckpointBytes = 1 } };
        await _ingester.StartAsync();
        await _ingester.Module.DescribeReplicasAsync(withDigests: false, Token);
        Assert.False(_ingester.Disk.Exists($"/data/partitions/{log.Partition}/checkpoint"));
        var refused = await Assert.ThrowsAsync<IOException>(() => _ingester.Module.Host.Current!.Find(log.Partition)!.CheckpointAsync(Token));
        Assert.Contains("cannot be applied", refused.Message, StringComparison.Ordinal);
        await _ingester.StopAsync();

        await _ingester.StartAsync();
        var unavailable = await Assert.ThrowsAsync<PartitionUnavailableException>(() => _ingester.ReadHeadsAsync(TenantId.Anonymous));
        Assert.Contains("cannot be applied", unavailable.Message, StringComparison.Ordinal);
    }

    private int Holders(TenantId tenant) => _ingester.Module.Host.Current!.Partitions.Count(x => x.State.Find(tenant)?.Head.SeriesCount > 0);

    private void LimitJournal() => _ingester.Options = _ingester.Options with
    {
        JournalSegmentBytes = 4096,
        Partitions = new PartitionOptions { CheckpointBytes = long.MaxValue, MaxJournalSegments = 3 },
    };

    private async Task FillJournalAsync(Dictionary<(string, long), double> expected)
    {
        for (var round = 1; round <= 100; round++)
        {
            await WriteAsync(TenantId.Anonymous, expected, Now + round);
        }

        Assert.True(_ingester.Disk.List("/data/journal").Count > 5);
    }

    private Task JournalIsShorterAsync() =>
        Eventually.TrueAsync(() => Task.FromResult(JournalBytes <= 3 * 4096), TimeSpan.FromSeconds(10), () => $"the journal has {JournalBytes} bytes");

    /// <summary>A learner is being sent the partition's newest checkpoint, and has not got it yet: what follows that is kept for it.</summary>
    private static async Task SendsACheckpointAsync(PartitionHandle partition)
    {
        var learner = new NodeId(2);
        partition.Log.Tell(new MessageArrived(learner, new PlaceReplica(partition.Log.Term, learner, null)));
        partition.Log.Tell(Ticked.Instance);
        await Eventually.TrueAsync(
            () => Task.FromResult(partition.Log.KnownEntry?.Learners.Count > 0), TimeSpan.FromSeconds(10), static () => "the table lists the learner");
        await partition.DescribeAsync(withDigest: false, Token);
        partition.Log.Tell(new MessageArrived(learner, new Promise(partition.Log.Term, 7, new LogIndex(LogPoint.Start).Summary())));
        await partition.DescribeAsync(withDigest: false, Token);
    }

    /// <summary>Puts a record into the journal that the partition's log does not know of.</summary>
    private async Task RecordAsync(PartitionId partition, long term, long seq, RecordKind kind, byte[] payload)
    {
        var answer = new JournalAnswer();
        _ingester.Module.Host.Current!.Logs.Journal.Append(partition, term, seq, kind, payload, answer);
        await answer.Task;
    }

    /// <summary>Another node has the partition, in the partition table.</summary>
    private async Task PutLedElsewhereAsync(PartitionId partition)
    {
        var other = new string('1', 32);
        var entry = new PartitionEntry
        {
            Term = 3,
            Version = 9,
            ReplicationFactor = 1,
            MinInSync = 1,
            Primary = other,
            InSync = [new ReplicaRef(other, new string('2', 32))],
            Learners = [],
            WriterId = "0000000000000001",
            Counter = 1,
        };
        var store = new LocalFileStore(_ingester.Disk, "/data/coordination", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1));
        Assert.NotNull(await store.PutIfAsync(PartitionEntry.KeyOf(partition), entry.Serialize(), null, Token));
    }

    private async Task WriteAsync(TenantId tenant, Dictionary<(string, long), double> expected, long time)
    {
        var samples = Enumerable.Range(0, 40).Select(x => (IngesterFixture.Name(x), time, x + 0.5)).ToList();
        Assert.Equal(40, (await _ingester.WriteAsync(tenant, samples)).Stored);
        foreach (var (series, t, value) in samples)
        {
            expected[(series, t)] = value;
        }
    }
}
