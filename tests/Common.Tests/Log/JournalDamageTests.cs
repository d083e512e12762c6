using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Xunit;

namespace Common.Tests.Log;

public sealed class JournalDamageTests : IDisposable
{
    private static readonly string FirstSegment = Path.Combine(JournalFixture.Directory, "0000000001.log");

    private readonly JournalFixture _fixture = new(1);

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task CutsTheTail_WhereverTheLastRoundsWereTorn()
    {
        var ends = await WriteAsync(4, 20);
        var bytes = AtomicFile.Read(_fixture.Disk, FirstSegment)!;
        for (var length = (int)ends[1].Offset; length < ends[3].Offset; length++)
        {
            // The mark in round 4 says that round 3 had been synced: with that header whole, less than round 3 is no torn tail.
            using var torn = new JournalFixture(length);
            Put(torn, bytes[..length]);
            using (var journal = torn.Open())
            {
                var kept = length >= ends[2].Offset ? 3 : 2;
                Assert.Equal(kept, JournalFixture.ReadAll(journal).Count);
                Assert.Empty(journal.Recovery.Damage);
                Assert.Equal(length - ends[kept - 1].Offset, journal.Recovery.TornBytes);
                Assert.Equal(journal.Recovery.TornBytes > 0 ? 1 : 0, torn.Metric("deucalion_journal_torn_tails_total"));
                await JournalFixture.AppendAsync(journal, 1, 2, kept + 1, [1]);
            }

            using var again = torn.Open();
            Assert.Equal(0, again.Recovery.TornBytes);
            Assert.False(again.Recovery.MayHaveLost(new PartitionId(1), 0));
        }
    }

    [Fact]
    public async Task CutsTheTail_WhicheverByteOfTheLastRoundIsWrong()
    {
        var ends = await WriteAsync(3, 20);
        var bytes = AtomicFile.Read(_fixture.Disk, FirstSegment)!;
        for (var at = (int)ends[1].Offset; at < ends[2].Offset; at++)
        {
            using var torn = new JournalFixture(at);
            var damaged = bytes[..(int)ends[2].Offset];
            damaged[at] ^= 0x40;
            Put(torn, damaged);
            using var journal = torn.Open();
            Assert.Equal(2, JournalFixture.ReadAll(journal).Count);
            Assert.Empty(journal.Recovery.Damage);
            Assert.Equal(ends[2].Offset - ends[1].Offset, journal.Recovery.TornBytes);
        }
    }

    [Fact]
    public async Task ReportsDamage_WhicheverByteBelowTheMarkIsWrong()
    {
        var ends = await WriteAsync(4, 20);
        var bytes = AtomicFile.Read(_fixture.Disk, FirstSegment)!;
        for (var at = 0; at < ends[2].Offset; at++)
        {
            using var damaged = new JournalFixture(at);
            var copy = bytes[..(int)ends[3].Offset];
            copy[at] ^= 0x40;
            Put(damaged, copy);
            Journal journal;
            try
            {
                journal = damaged.Open();
            }
            catch (NotSupportedException)
            {
                Assert.Fail("damage is not a version");
                return;
            }

            using (journal)
            {
                var found = Assert.Single(journal.Recovery.Damage);
                Assert.InRange(at, found.Start.Offset, found.End.Offset - 1);
                Assert.Equal(0, journal.Recovery.TornBytes);
                Assert.Equal(at < 64 ? 4 : 3, JournalFixture.ReadAll(journal).Count);
                Assert.Equal(at >= 64, journal.Recovery.MayHaveLost(new PartitionId(1), 0));
                Assert.True(journal.Recovery.MayHaveLost(new PartitionId(9), 0), "whose records stood there cannot be told");
                await JournalFixture.AppendAsync(journal, 2, 1, 1, [1]);
            }

            // Stays known: nobody forgets the loss by opening again.
            using var again = damaged.Open();
            Assert.Single(again.Recovery.Damage);
            Assert.Equal(at >= 64, again.Recovery.MayHaveLost(new PartitionId(1), 0));
            Assert.Equal(0, again.Release(new PartitionId(1), 4));
        }
    }

    [Fact]
    public async Task ReportsAMissingSegment()
    {
        using (var journal = _fixture.Open(segmentBytes: 1000))
        {
            for (var seq = 1; seq <= 9; seq++)
            {
                await JournalFixture.AppendAsync(journal, 1, 1, seq, new byte[300]);
            }
        }

        var segments = JournalFixture.Segments(_fixture.Disk);
        Assert.True(segments.Count > 2);
        foreach (var missing in segments.SkipLast(1))
        {
            var copy = new JournalFixture(2);
            copy.Disk.CreateDirectory(JournalFixture.Directory);
            foreach (var name in segments.Where(name => name != missing))
            {
                using var file = copy.Disk.Create(Path.Combine(JournalFixture.Directory, name));
                file.Append(AtomicFile.Read(_fixture.Disk, Path.Combine(JournalFixture.Directory, name)));
            }

            using var journal = copy.Open();
            Assert.NotEmpty(journal.Recovery.Damage);
            Assert.True(journal.Recovery.MayHaveLost(new PartitionId(1), 0));
        }
    }

    [Fact]
    public async Task ReportsASegmentThatEndsBelowTheMark()
    {
        using (var journal = _fixture.Open(segmentBytes: 1000))
        {
            for (var seq = 1; seq <= 6; seq++)
            {
                await JournalFixture.AppendAsync(journal, 1, 1, seq, new byte[300]);
            }
        }

        // A whole round less: no byte that is left is wrong.
        using (var file = _fixture.Disk.Open(FirstSegment))
        {
            file.SetLength(file.Length - 48 - 32 - 300);
        }

        using var again = _fixture.Open();
        Assert.Single(again.Recovery.Damage);
        Assert.True(again.Recovery.MayHaveLost(new PartitionId(1), 0));
    }

    private static void Put(JournalFixture fixture, byte[] segment)
    {
        fixture.Disk.CreateDirectory(JournalFixture.Directory);
        using var file = fixture.Disk.Create(FirstSegment);
        file.Append(segment);
        file.Sync();
        fixture.Disk.SyncDirectory(JournalFixture.Directory);
    }

    /// <summary>Writes rounds of one record each; returns where each ends.</summary>
    private async Task<List<JournalPosition>> WriteAsync(int rounds, int payload)
    {
        var ends = new List<JournalPosition>();
        using var journal = _fixture.Open();
        for (var seq = 1; seq <= rounds; seq++)
        {
            var waiter = new JournalFixture.Waiter();
            journal.Append(new PartitionId(1), 1, seq, Deucalion.Common.Contracts.RecordKind.Samples, new byte[payload], waiter);
            ends.Add(await waiter.Task);
        }

        return ends;
    }
}
