using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Xunit;

namespace Deucalion.Replication.Tests.PartitionLog.Core;

/// <summary>
/// What a primary keeps for a learner to which a checkpoint is on its way: the one at 10, while the transport says to further requests that it still is,
/// and newer ones are stored.
/// </summary>
public sealed class CheckpointPinTests
{
    private const long Silence = 3000;
    private static readonly NodeId Learner = new(3);
    private static readonly LogSummary Nothing = new LogIndex(LogPoint.Start).Summary();

    [Fact]
    public void KeepsWhatFollowsTheCheckpoint_ThatIsOnItsWayToAReplicaThatIsSilentForAWhile()
    {
        var primary = Sending();
        Stay(primary, Silence);
        Assert.Equal(10, Released(primary, 17));

        var again = primary.Receive(3, new Promise(2, 103, Nothing));

        Assert.Single(again.OfType<SendCheckpoint>());
        Assert.Equal(10, Released(primary, 18));
    }

    [Fact]
    public void KeepsWhatFollowsTheCheckpoint_UntilTheReplicaHasSomethingOfIt()
    {
        var primary = Sending();
        Assert.Equal([11L], Installed(primary).Select(static send => send.First));

        // It is busy with what it has installed.
        Stay(primary, Silence);
        Assert.Equal(10, Released(primary, 17));
        Assert.Equal([11L], Installed(primary).Select(static send => send.First));
        primary.Receive(3, new Appended(2, 103, 19));

        Assert.Equal(18, Released(primary, 18));
        Stay(primary, Silence);
        Assert.Equal(20, Released(primary, 20));
    }

    [Fact]
    public void KeepsWhatFollowsTheNewestCheckpoint_WhereThatOneIsSent()
    {
        var primary = Sending();
        Stay(primary, Silence);
        primary.Receive(3, new Promise(2, 103, Nothing));
        primary.Do(static core => core.CheckpointBegun(Learner));

        Assert.Equal(15, Released(primary, 18));
    }

    [Fact]
    public void KeepsWhatFollowsTheCheckpoint_ThatIsOnItsWayToAPlaceWhereAnotherLogIsNow()
    {
        var primary = Sending();
        Stay(primary, Silence);

        Assert.Single(primary.Receive(3, new Promise(2, 555, Nothing)).OfType<SendCheckpoint>());

        Assert.Equal(10, Released(primary, 17));
        primary.Do(static core => core.CheckpointBegun(Learner));
        Assert.Equal(17, Released(primary, 18));
    }

    [Fact]
    public void KeepsNothing_ForAReplicaThatIsSilentForLong()
    {
        var primary = Sending();
        Stay(primary, CoreHarness.Timings.Transfer);
        Assert.Equal(10, Released(primary, 17));
        Stay(primary, 1000);

        Assert.Equal(18, Released(primary, 18));
    }

    [Fact]
    public void KeepsNothing_ForAReplicaThatIsRemoved()
    {
        var primary = Sending();
        Stay(primary, Silence);
        primary.Receive(9, new PlaceReplica(2, new NodeId(4), Learner));
        var exchange = primary.Tick(10).OfType<CasEntry>().Single();
        primary.Do(core => core.CasCompleted(exchange.Proposed.Counter, CasOutcome.Done, primary.Now));

        Assert.Equal(18, Released(primary, 18));
    }

    [Fact]
    public void KeepsSoManyRecordsAndNoMore_ForASilentReplica()
    {
        var primary = Sending();
        Stay(primary, Silence);
        primary.Do(core =>
        {
            for (var seq = core.Log.End.Seq + 1; seq <= CoreHarness.Timings.PinnedRecords + 10; seq++)
            {
                core.Append(CoreHarness.Record(2, seq), primary.Now);
            }
        });
        Assert.Equal(10, Released(primary, 17));
        primary.Do(core => core.Append(CoreHarness.Record(2, core.Log.End.Seq + 1), primary.Now));

        Assert.Equal(18, Released(primary, 18));
    }

    [Fact]
    public void GoesBackNoFurtherThanWhatIsKept_WhereAReplicaDoesNotAnswer()
    {
        var (whole, part) = (new LogIndex(LogPoint.Start), new LogIndex(LogPoint.Start));
        for (var seq = 1; seq <= 20; seq++)
        {
            whole.Append(CoreHarness.Record(1, seq).Point);
            if (seq <= 15)
            {
                part.Append(CoreHarness.Record(1, seq).Point);
            }
        }

        var primary = new CoreHarness(CoreHarness.Replica(1), whole);
        primary.Open(CoreHarness.Entry(1, 1) with { MinInSync = 1, Learners = [CoreHarness.Replica(3)] });
        Assert.Equal(16, Assert.Single(primary.Receive(3, new Promise(2, 103, part.Summary())).OfType<SendRecords>()).First);

        var again = primary.Tick(CoreHarness.Timings.Resend).OfType<SendRecords>();

        // What is before that may be released at any moment.
        Assert.Equal(16, Assert.Single(again).First);
        Assert.Equal(15, Released(primary, 18));
    }

    /// <summary>A primary that has records to 21 and sends its checkpoint at 10; the newest is at 15.</summary>
    private static CoreHarness Sending()
    {
        var log = new LogIndex(LogPoint.Start);
        for (var seq = 1; seq <= 20; seq++)
        {
            log.Append(CoreHarness.Record(1, seq).Point);
        }

        log.Release(10);
        var primary = new CoreHarness(CoreHarness.Replica(1), log);
        primary.Open(CoreHarness.Entry(1, 1) with { MinInSync = 1, Learners = [CoreHarness.Replica(3)] });
        Assert.Single(primary.Receive(3, new Promise(2, 103, Nothing)).OfType<SendCheckpoint>());
        primary.Do(static core => core.CheckpointBegun(Learner));
        Assert.Equal(10, Released(primary, 15));
        return primary;
    }

    /// <summary>The learner has installed the checkpoint, or is asked once more after that; returns what it is sent.</summary>
    private static IEnumerable<SendRecords> Installed(CoreHarness primary)
    {
        var effects = primary.Receive(3, new AppendMismatch(2, 103, new LogIndex(CoreHarness.Record(1, 10).Point).Summary()));
        Assert.Empty(effects.OfType<SendCheckpoint>());
        return effects.OfType<SendRecords>();
    }

    /// <summary>Nobody answers the primary meanwhile.</summary>
    private static void Stay(CoreHarness primary, long milliseconds)
    {
        for (long waited = 0; waited < milliseconds; waited += 500)
        {
            primary.Tick(500);
        }
    }

    private static long Released(CoreHarness primary, long checkpoint) =>
        primary.Do(core => core.CheckpointStored(core.Log.At(checkpoint)!.Value)).OfType<ReleaseRecords>().Single().UpTo;
}
