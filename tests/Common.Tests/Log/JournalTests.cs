using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Testing.Disk;
using Xunit;

namespace Common.Tests.Log;

public sealed class JournalTests : IDisposable
{
    private readonly JournalFixture _fixture = new(1);

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task ReadsBackWhatWasAppended_AlsoAfterReopening()
    {
        var expected = new List<JournalFixture.Entry>();
        using (var journal = _fixture.Open())
        {
            Assert.True(journal.Recovery.Created);
            for (var seq = 1; seq <= 20; seq++)
            {
                expected.Add(await JournalFixture.AppendAsync(journal, seq % 3, 7, ((seq - 1) / 3) + 1, new byte[seq]));
            }

            Assert.Equal(expected, JournalFixture.ReadAll(journal));
        }

        using var again = _fixture.Open();
        Assert.Equal(expected, JournalFixture.ReadAll(again));
        Assert.False(again.Recovery.Created);
        Assert.True(again.Recovery.CleanStop);
        Assert.Equal([0, 1, 2], again.Recovery.Partitions.Select(static id => id.Value).Order());
        Assert.Equal(0, again.Recovery.TornBytes);
    }

    [Fact]
    public async Task SharesRounds_WhenManyWait()
    {
        using var journal = _fixture.Open();
        var gate = new ManualResetEventSlim();
        var syncing = new ManualResetEventSlim();
        _fixture.Disk.Fault = (operation, _) =>
        {
            if (operation == DiskOperation.Append && !syncing.IsSet)
            {
                syncing.Set();
                gate.Wait();
            }

            return null;
        };
        var waiters = new List<JournalFixture.Waiter>();
        for (var seq = 1; seq <= 100; seq++)
        {
            var waiter = new JournalFixture.Waiter();
            journal.Append(new PartitionId(1), 1, seq, RecordKind.Samples, new byte[100], waiter);
            waiters.Add(waiter);
            if (seq == 1)
            {
                syncing.Wait();
            }
        }

        gate.Set();
        await Task.WhenAll(waiters.Select(static waiter => waiter.Task));

        Assert.Equal(2, _fixture.Metric("deucalion_journal_rounds_total"));
        Assert.Equal(100, _fixture.Metric("deucalion_journal_records_total"));
    }

    [Fact]
    public async Task LimitsRounds_AndKeepsTheOrder()
    {
        using var journal = _fixture.Open(segmentBytes: 4000, maxRoundBytes: 1000);
        var waiters = new List<JournalFixture.Waiter>();
        for (var seq = 1; seq <= 50; seq++)
        {
            waiters.Add(new JournalFixture.Waiter());
            journal.Append(new PartitionId(1), 1, seq, RecordKind.Samples, new byte[seq == 25 ? 9000 : 300], waiters[^1]);
        }

        var ends = await Task.WhenAll(waiters.Select(static waiter => waiter.Task));

        Assert.Equal(Enumerable.Range(1, 50).Select(static seq => (long)seq), JournalFixture.ReadAll(journal).Select(static record => record.Seq));
        Assert.Equal(ends.Order(), ends);
        Assert.True(JournalFixture.Segments(_fixture.Disk).Count >= 4);
        Assert.Equal(0, journal.PendingBytes);
    }

    [Fact]
    public async Task DeletesSegments_OnceEveryPartitionReleasedThem()
    {
        using (var journal = _fixture.Open(segmentBytes: 2000))
        {
            for (var seq = 1; seq <= 10; seq++)
            {
                await JournalFixture.AppendAsync(journal, 1, 1, seq, new byte[400]);
                await JournalFixture.AppendAsync(journal, 2, 1, seq, new byte[400]);
            }

            var before = JournalFixture.Segments(_fixture.Disk).Count;
            Assert.Equal(0, journal.Release(new PartitionId(1), 10));
            Assert.Equal(new PartitionId(2), journal.OldestHolder());
            var deleted = journal.Release(new PartitionId(2), 5);
            Assert.True(deleted > 1);
            Assert.Equal(before - deleted, JournalFixture.Segments(_fixture.Disk).Count);
            Assert.Equal(0, journal.Release(new PartitionId(2), 5));
        }

        Assert.Equal(0, _fixture.Metric("deucalion_journal_segments"));
        using var again = _fixture.Open();
        Assert.Equal(JournalFixture.Segments(_fixture.Disk).Count, _fixture.Metric("deucalion_journal_segments"));
        Assert.Empty(again.Recovery.Damage);
        Assert.False(again.Recovery.MayHaveLost(new PartitionId(1), 10));
        Assert.False(again.Recovery.MayHaveLost(new PartitionId(2), 5));
        Assert.True(again.Recovery.MayHaveLost(new PartitionId(2), 4), "a checkpoint older than what was released is noticed");
        Assert.True(again.Recovery.MayHaveLost(new PartitionId(1), 0), "a checkpoint that is gone is noticed");
        Assert.False(again.Recovery.MayHaveLost(new PartitionId(3), 0));
    }

    [Fact]
    public async Task FailsForGood_WhenASyncFails()
    {
        var journal = _fixture.Open();
        await JournalFixture.AppendAsync(journal, 1, 1, 1, [1]);
        _fixture.Disk.Fault = static (operation, _) => operation == DiskOperation.Sync ? new IOException("bad sector") : null;
        await Assert.ThrowsAsync<JournalFailedException>(() => JournalFixture.AppendAsync(journal, 1, 1, 2, [2]));
        _fixture.Disk.Fault = null;

        Assert.NotNull(journal.Failure);
        await Assert.ThrowsAsync<JournalFailedException>(() => JournalFixture.AppendAsync(journal, 1, 1, 3, [3]));
        journal.Dispose();
        using var again = _fixture.Open();
        Assert.Equal([1L], JournalFixture.ReadAll(again).Select(static record => record.Seq));
        Assert.Equal(1, _fixture.Metric("deucalion_journal_failures_total"));
    }

    [Fact]
    public async Task TakesTheRoundBack_WhenTheDiskIsFull_AndGoesOnBehindWhatIsDurable()
    {
        using (var journal = _fixture.Open())
        {
            await JournalFixture.AppendAsync(journal, 1, 1, 1, new byte[100]);
            _fixture.Disk.Capacity = 1000;
            await Assert.ThrowsAsync<DiskFullException>(() => JournalFixture.AppendAsync(journal, 1, 1, 2, new byte[2000]));
            Assert.Null(journal.Failure);
            Assert.True(journal.IsBelowReserve);
            await Assert.ThrowsAsync<DiskFullException>(() => JournalFixture.AppendAsync(journal, 1, 1, 3, [1]));
            _fixture.Disk.Capacity = long.MaxValue;
            var term = new JournalFixture.Waiter();
            Assert.Throws<DiskFullException>(() => journal.Append(new PartitionId(1), 2, 2, RecordKind.TermStart, [], term));
            journal.GoOn(new PartitionId(1));
            journal.Append(new PartitionId(1), 2, 2, RecordKind.TermStart, [], term);
            await term.Task;
        }

        using var again = _fixture.Open();
        Assert.Equal([(1L, 1L), (2L, 2L)], JournalFixture.ReadAll(again).Select(static record => (record.Term, record.Seq)));
        Assert.False(again.Recovery.MayHaveLost(new PartitionId(1), 0));
    }

    [Fact]
    public void KeepsTheReserve_ForRecordsThatFreeSpace()
    {
        _fixture.Disk.Capacity = 10_000;
        using var journal = _fixture.Open(reserve: 20_000);

        Assert.Throws<DiskFullException>(() => journal.Append(new PartitionId(1), 1, 1, RecordKind.Samples, [1], new JournalFixture.Waiter()));
        journal.Append(new PartitionId(1), 1, 1, RecordKind.Cut, [1], new JournalFixture.Waiter());
    }

    [Theory]
    [InlineData(JournalSync.Interval)]
    [InlineData(JournalSync.Never)]
    public async Task SaysHowItWasSynced_AndWhetherItWasStoppedCleanly(JournalSync sync)
    {
        using (var journal = _fixture.Open(sync: sync))
        {
            await JournalFixture.AppendAsync(journal, 1, 1, 1, [1]);
        }

        using (var journal = _fixture.Open(sync: sync))
        {
            Assert.True(journal.Recovery.CleanStop);
            Assert.Equal(sync, journal.Recovery.PreviousSync);
            await JournalFixture.AppendAsync(journal, 1, 1, 2, [1]);
            journal.Abandon();
        }

        using var last = _fixture.Open();
        Assert.False(last.Recovery.CleanStop);
        Assert.Equal(2, last.Recovery.LastSeq(new PartitionId(1)));
    }

    [Fact]
    public async Task NotesThatARunBegan_EvenIfItsRecordsAreLost()
    {
        using (var journal = _fixture.Open(sync: JournalSync.Never))
        {
            await JournalFixture.AppendAsync(journal, 1, 1, 1, [1]);
        }

        for (var i = 0; i < 20; i++)
        {
            var journal = _fixture.Open(sync: JournalSync.Never);
            await JournalFixture.AppendAsync(journal, 1, 2 + i, journal.Recovery.LastSeq(new PartitionId(1)) + 1, [1]);
            _fixture.Disk.Crash();
            journal.Abandon();
            using var again = _fixture.Open(sync: JournalSync.Never);
            Assert.False(again.Recovery.CleanStop);
            again.Abandon();
        }
    }

    [Fact]
    public void RefusesToWait_WhenTooMuchWaits()
    {
        var gate = new ManualResetEventSlim();
        using var journal = Journal.Open(
            _fixture.Disk,
            new JournalOptions { Directory = JournalFixture.Directory, MaxPendingBytes = 5000, ReserveBytes = 0 },
            new JournalMetrics(new Testing.Telemetry.TestMeterFactory()),
            TimeProvider.System);
        _fixture.Disk.Fault = (_, _) =>
        {
            gate.Wait();
            return null;
        };

        Assert.Throws<JournalOverloadedException>(() =>
        {
            for (var seq = 1; seq < 100; seq++)
            {
                journal.Append(new PartitionId(1), 1, seq, RecordKind.Samples, new byte[1000], new JournalFixture.Waiter());
            }
        });
        gate.Set();
    }

    [Fact]
    public void TellsEveryWaiterOnce_AlsoBesideOneThatThrows()
    {
        var journal = _fixture.Open();
        var told = new Told();
        for (var seq = 1; seq <= 50; seq++)
        {
            try
            {
                journal.Append(new PartitionId(1), 1, seq, RecordKind.Samples, [1], told);
            }
            catch (JournalFailedException)
            {
                break;
            }
        }

        SpinWait.SpinUntil(() => journal.Failure is not null, TimeSpan.FromSeconds(20));
        journal.Dispose();
        Assert.IsType<InvalidDataException>(journal.Failure);
        Assert.Equal(told.Seqs.Distinct().Order(), told.Seqs);
        Assert.Contains(5L, told.Seqs);
    }

    private sealed class Told : IJournalCompletion
    {
        public List<long> Seqs { get; } = [];

        public void Completed(PartitionId partition, long term, long seq, JournalPosition end, Exception? error)
        {
            Seqs.Add(seq);
            if (seq == 5)
            {
                throw new InvalidDataException("a defect");
            }
        }
    }
}
