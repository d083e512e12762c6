using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Xunit;

namespace Deucalion.Replication.Tests.PartitionLog.Core;

public sealed class LogIndexTests
{
    [Fact]
    public void HoldsWhatWasAppended_AfterCutsAndReleases()
    {
        var random = new Random(1);
        var log = new LogIndex(LogPoint.Start);
        var model = new List<LogPoint> { LogPoint.Start };
        var first = 0;
        var term = 1L;
        for (var step = 0; step < 5000; step++)
        {
            switch (random.Next(10))
            {
                case 0:
                    var cut = random.Next(first, model.Count);
                    log.CutBack(cut);
                    model.RemoveRange(cut + 1, model.Count - cut - 1);
                    term++;
                    break;
                case 1:
                    first = random.Next(first, model.Count);
                    log.Release(first);
                    break;
                default:
                    var point = new LogPoint(term, model.Count, (uint)random.Next());
                    log.Append(point);
                    model.Add(point);
                    break;
            }

            var seq = random.Next(0, model.Count + 3);
            Assert.Equal(seq >= first && seq < model.Count ? model[seq] : null, log.At(seq));
            Assert.Equal(model[^1], log.End);
            Assert.Equal(model[first], log.Base);
        }
    }

    [Fact]
    public void HoldsNothingOfTheSameTermAndSeq_WithAnotherChecksum()
    {
        var log = new LogIndex(new LogPoint(1, 4, 40));
        log.Append(new LogPoint(1, 5, 50));

        Assert.True(log.Holds(new LogPoint(1, 5, 50)));
        Assert.False(log.Holds(new LogPoint(1, 5, 51)));
        Assert.False(log.Holds(new LogPoint(1, 4, 41)));
    }

    [Theory]
    [InlineData("1 1 1", 0, "1 1 1", 0, 3)]
    [InlineData("1 1 1 3", 0, "1 1 1 2 2", 0, 3)]
    [InlineData("1 1 4 7", 0, "1 1 5", 0, 2)]
    [InlineData("2 2", 0, "1 1", 0, 0)]
    [InlineData("1 1 1 1", 3, "1 1 1 1 2", 2, 4)]
    [InlineData("1 1 1 1", 3, "1", 0, -1)]
    [InlineData("1 1 4 4 4", 0, "1 1 2 2", 3, -1)]
    public void FindsLastSharedRecord(string own, int ownBase, string other, int otherBase, long shared)
    {
        var found = Make(own, ownBase).LastShared(Make(other, otherBase).Summary());

        Assert.Equal(shared, found?.Seq ?? -1);
    }

    private static LogIndex Make(string terms, int start)
    {
        var log = new LogIndex(LogPoint.Start);
        var seq = 0L;
        foreach (var term in terms.Split(' '))
        {
            log.Append(new LogPoint(long.Parse(term), ++seq, (uint)(seq * 7)));
        }

        log.Release(start);
        return log;
    }
}
