using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Xunit;

namespace Deucalion.Replication.Tests.PartitionLog.Core;

/// <summary>Single moves of the protocol, and those that the simulator once found wrong.</summary>
public sealed class ReplicaCoreTests
{
    private static readonly NodeId Third = new(3);

    [Fact]
    public void Opens_WhenEveryMemberHoldsTheTermStart()
    {
        var primary = new CoreHarness(CoreHarness.Replica(1));

        primary.Open(CoreHarness.Entry(1, 1, 2, 3));

        Assert.True(primary.Core.CanAppend);
        Assert.Equal(2, primary.Core.Term);
        Assert.Equal(1, primary.Core.CommitIndex);
    }

    [Fact]
    public void AcknowledgesARetry_OnlyWithThePendingRecord()
    {
        var primary = new CoreHarness(CoreHarness.Replica(1));
        primary.Open(CoreHarness.Entry(1, 1, 2));

        primary.Do(core => core.Append(CoreHarness.Record(2, 2), primary.Now));
        var early = primary.Do(static core => core.Wait(5, appended: false));
        var late = primary.Receive(2, new Appended(2, 102, 2));

        Assert.Empty(early.OfType<Acknowledge>());
        Assert.Equal([new ApplyCommitted(2), new Acknowledge(5)], late.Where(static e => e is Acknowledge or ApplyCommitted));
    }

    [Fact]
    public void KeepsNothingOfAPendingAddition_WhenALaterTermStandsOnTopOfIt()
    {
        var primary = new CoreHarness(CoreHarness.Replica(1));
        primary.Open(CoreHarness.Entry(1, 1, 2));
        primary.Receive(9, new PlaceReplica(2, Third, null));
        var placing = primary.Tick(10).OfType<CasEntry>().Single();
        primary.Do(core => core.CasCompleted(placing.Proposed.Counter, CasOutcome.Done, primary.Now));
        primary.Follow(3, 103);
        var adding = primary.Tick(10).OfType<CasEntry>().Single();
        Assert.Equal(3, adding.Proposed.InSync.Length);

        // Two of the three hold the record; the third may be listed by now, since the outcome is not known.
        primary.Do(core => core.CasCompleted(adding.Proposed.Counter, CasOutcome.Unknown, primary.Now));
        primary.Do(core => core.Append(CoreHarness.Record(2, 2), primary.Now));
        primary.Do(static core => core.Wait(5, appended: true));
        primary.Receive(2, new Appended(2, 102, 2));
        var deposed = primary.Do(core => core.EntrySeen(adding.Proposed.WithPrimary(Third) with { Writer = 1 }, primary.Now));

        Assert.Contains(new RequestLost(5), deposed);
        Assert.Empty(deposed.OfType<ApplyCommitted>());
        Assert.Equal(1, primary.Core.CommitIndex);
    }

    [Fact]
    public void SendsTheSameWriteAgain_WhileTheOldVersionStands()
    {
        var primary = new CoreHarness(CoreHarness.Replica(1));
        var entry = CoreHarness.Entry(1, 1, 2);
        var first = primary.Do(core => core.EntrySeen(entry, 0)).OfType<CasEntry>().Single();

        primary.Do(core => core.CasCompleted(first.Proposed.Counter, CasOutcome.Unknown, 0));
        Assert.Single(primary.Tick(2000).OfType<ReadEntry>());
        var again = primary.Do(core => core.EntryRead(entry, primary.Now)).OfType<CasEntry>().Single();

        Assert.Equal(first, again);
    }

    [Fact]
    public void InstallsOnce_WhenACheckpointComesTwice()
    {
        var learner = new CoreHarness(CoreHarness.Replica(3));
        var point = new LogPoint(2, 40, 9);
        learner.Receive(1, new PromiseRequest(2));

        var first = learner.Do(core => core.CheckpointReceived(new NodeId(1), 2, point));
        var second = learner.Do(core => core.CheckpointReceived(new NodeId(1), 2, point));
        learner.Do(core => core.CheckpointInstalled(point));
        var third = learner.Do(core => core.CheckpointReceived(new NodeId(1), 2, point));

        Assert.Single(first.OfType<InstallCheckpoint>());
        Assert.Empty(second);
        Assert.IsType<AppendMismatch>(Assert.IsType<Send>(Assert.Single(third)).Message);
        Assert.Equal(40, learner.Core.CommitIndex);
    }

    [Fact]
    public void SendsNoCheckpointToAMember_AtOldNewsOfItsLog()
    {
        var log = new LogIndex(LogPoint.Start);
        for (var seq = 1; seq <= 20; seq++)
        {
            log.Append(CoreHarness.Record(1, seq).Point);
        }

        log.Release(10);
        var primary = new CoreHarness(CoreHarness.Replica(1), log);
        primary.Open(CoreHarness.Entry(1, 1, 2));

        var effects = primary.Receive(2, new AppendMismatch(2, 102, new LogIndex(LogPoint.Start).Summary()));

        Assert.Empty(effects.OfType<SendCheckpoint>());
    }

    [Theory]
    [InlineData(false, 10)]
    [InlineData(true, 15)]
    public void KeepsWhatFollowsTheCheckpoint_ThatIsStillOnItsWay(bool beginsAgain, long kept)
    {
        var log = new LogIndex(LogPoint.Start);
        for (var seq = 1; seq <= 20; seq++)
        {
            log.Append(CoreHarness.Record(1, seq).Point);
        }

        log.Release(10);
        var primary = new CoreHarness(CoreHarness.Replica(1), log);
        primary.Open(CoreHarness.Entry(1, 1) with { MinInSync = 1, Learners = [CoreHarness.Replica(3)] });
        var sent = primary.Receive(3, new Promise(2, 103, new LogIndex(LogPoint.Start).Summary()));
        Assert.Single(sent.OfType<SendCheckpoint>());
        primary.Do(static core => core.CheckpointBegun(Third));
        primary.Do(static core => core.CheckpointStored(CoreHarness.Record(1, 15).Point));

        var again = false;
        for (long waited = 0; waited <= CoreHarness.Timings.Transfer; waited += 500)
        {
            primary.Receive(3, new HeartbeatReply(2, 103, primary.Now, 0, true));
            again |= primary.Tick(500).OfType<SendCheckpoint>().Any();
        }

        Assert.True(again);
        if (beginsAgain)
        {
            primary.Do(static core => core.CheckpointBegun(Third));
        }

        Assert.Equal([new ReleaseRecords(kept)], primary.Do(static core => core.CheckpointStored(CoreHarness.Record(1, 18).Point)).OfType<ReleaseRecords>());
    }

    [Fact]
    public void StartsOver_WhenItWouldHaveToCutWhatWasCommitted()
    {
        var backup = new CoreHarness(CoreHarness.Replica(2));
        backup.Receive(1, new PromiseRequest(2));
        backup.Receive(1, new AppendRecords(2, LogPoint.Start, [CoreHarness.Record(2, 1), CoreHarness.Record(2, 2)], 0));
        backup.Receive(1, new Heartbeat(2, 0, 2));
        Assert.Equal(2, backup.Core.CommitIndex);
        backup.Receive(1, new GrantReleased(2));
        backup.Receive(3, new PromiseRequest(4));

        var effects = backup.Receive(3, new AppendRecords(4, CoreHarness.Record(2, 1).Point, [CoreHarness.Record(4, 2)], 1));

        Assert.Single(effects.OfType<StartOver>());
        Assert.True(backup.Core.IsStopped);
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(2, true)]
    public void StartsOver_WhenItWouldHaveToCutWhatItHadAppliedBeforeARestart(long shared, bool startsOver)
    {
        var log = new LogIndex(LogPoint.Start);
        for (var seq = 1; seq <= 4; seq++)
        {
            log.Append(CoreHarness.Record(2, seq).Point);
        }

        // The checkpoint is older than what has been applied.
        log.Release(1);
        var backup = new CoreHarness(CoreHarness.Replica(2), log, applied: 3);
        backup.Receive(3, new PromiseRequest(4));

        var effects = backup.Receive(3, new AppendRecords(4, CoreHarness.Record(2, shared).Point, [CoreHarness.Record(4, shared + 1)], shared));

        Assert.Equal(startsOver, backup.Core.IsStopped);
        Assert.Equal(startsOver ? [] : [new CutBackJournal(2, shared)], effects.OfType<CutBackJournal>());
    }

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(2, true, false)]
    [InlineData(2, false, true)]
    [InlineData(3, false, false)]
    public void GivesItsLogUp_OnlyIfTheTableOfThatTermDoesNotListIt(long knownTerm, bool isListed, bool givesUp)
    {
        var learner = new CoreHarness(CoreHarness.Replica(3));
        learner.Receive(1, new PromiseRequest(2));
        learner.Receive(1, new AppendRecords(2, LogPoint.Start, [CoreHarness.Record(2, 1)], 0));
        if (knownTerm > 0)
        {
            learner.Do(core => core.EntrySeen((isListed ? CoreHarness.Entry(1, 1, 2, 3) : CoreHarness.Entry(1, 1, 2)) with { Term = knownTerm }, 0));
        }

        var effects = learner.Do(static core => core.CheckpointReceived(new NodeId(1), 2, new LogPoint(2, 40, 9)));

        Assert.Equal(givesUp, effects.OfType<StartOver>().Any());
    }

    [Fact]
    public void EntersANewTerm_OnlyAfterItsGrant()
    {
        var backup = new CoreHarness(CoreHarness.Replica(2));
        backup.Receive(1, new PromiseRequest(2));
        backup.Receive(1, new Heartbeat(2, 0, 0));

        var early = backup.Receive(3, new PromiseRequest(4));
        var heartbeat = backup.Receive(1, new Heartbeat(2, 100, 0));
        var late = backup.Tick(CoreHarness.Timings.Grant + 1);

        Assert.Empty(early);
        Assert.False(Assert.IsType<HeartbeatReply>(heartbeat.OfType<Send>().Single().Message).Granted);
        Assert.Contains(late, static effect => effect is Send { Message: Promise { Term: 4 } });
    }

    [Fact]
    public void GivesNoGrantAfterItWasReleased_WhenAHeartbeatComesLate()
    {
        var backup = new CoreHarness(CoreHarness.Replica(2));
        backup.Receive(1, new PromiseRequest(2));
        backup.Receive(1, new GrantReleased(2));

        var reply = backup.Receive(1, new Heartbeat(2, 0, 0)).OfType<Send>().Single();

        Assert.False(Assert.IsType<HeartbeatReply>(reply.Message).Granted);
    }

    [Fact]
    public void AsksAgainForAPromise_WhenAMemberComesBackAsAnotherLog()
    {
        // The clock of a process may begin anywhere.
        var primary = new CoreHarness(CoreHarness.Replica(1), now: 1_000_000);
        primary.Open(CoreHarness.Entry(1, 1, 2));

        var asked = false;
        for (var i = 0; i < 30 && !asked; i++)
        {
            asked = primary.Tick(200).Any(static effect => effect is Send { Message: PromiseRequest });
        }

        Assert.True(asked);
    }

    [Fact]
    public void TakesALostMemberBackInItsPlace_WhenNobodyElseCanReplaceIt()
    {
        var primary = new CoreHarness(CoreHarness.Replica(1));
        primary.Open(CoreHarness.Entry(1, 1, 2));

        primary.Receive(2, new AppendMismatch(2, 555, new LogIndex(LogPoint.Start).Summary()));
        primary.Do(core => core.Append(CoreHarness.Record(2, 2), primary.Now));
        primary.Receive(2, new Appended(2, 555, 2));
        Assert.Equal(1, primary.Core.CommitIndex);
        var exchange = primary.Tick(10).OfType<CasEntry>().Single();
        primary.Do(core => core.CasCompleted(exchange.Proposed.Counter, CasOutcome.Done, primary.Now));

        Assert.Equal([CoreHarness.Replica(1), new ReplicaId(new NodeId(2), 555)], exchange.Proposed.InSync);
        Assert.Equal(2, primary.Core.CommitIndex);
    }

    [Fact]
    public void DoesWithoutAMemberThatStops_AndTakesItBackOnlyLater()
    {
        var primary = new CoreHarness(CoreHarness.Replica(1));
        primary.Open(CoreHarness.Entry(1, 1, 2, 3));
        primary.Receive(3, new StandAside(2));
        var removal = primary.Tick(10).OfType<CasEntry>().Single();
        Assert.Equal([CoreHarness.Replica(1), CoreHarness.Replica(2)], removal.Proposed.InSync);
        Assert.Equal([CoreHarness.Replica(3)], removal.Proposed.Learners);
        primary.Do(core => core.CasCompleted(removal.Proposed.Counter, CasOutcome.Done, primary.Now));

        // It is as complete as before, and answers.
        CasEntry? addition = null;
        long waited = 0;
        for (; addition is null && waited < 60_000; waited += 200)
        {
            primary.Receive(2, new HeartbeatReply(2, 102, primary.Now, 1, true));
            primary.Receive(3, new HeartbeatReply(2, 103, primary.Now, 1, true));
            addition = primary.Tick(200).OfType<CasEntry>().SingleOrDefault();
        }

        Assert.Equal(3, addition!.Proposed.InSync.Length);
        Assert.True(waited >= 2 * CoreHarness.Timings.ReplicationTimeout - 400, $"it was taken back after {waited} ms");
    }

    [Fact]
    public void HandsNothingOffToAMemberThatStops_NorRemovesItBelowTheMinimum()
    {
        var primary = new CoreHarness(CoreHarness.Replica(1));
        primary.Open(CoreHarness.Entry(1, 1, 2));
        primary.Receive(2, new StandAside(2));
        Assert.Empty(primary.Receive(9, new HandOffRequest(2, new NodeId(2))).Concat(primary.Tick(10)).OfType<CasEntry>());
        Assert.True(primary.Core.CanAppend);
    }

    [Fact]
    public void WaitsLessForTheFormerPrimary_ThatItHadMissedBeforeItWasElected()
    {
        var elected = new CoreHarness(CoreHarness.Replica(2), now: 1_000_000);
        elected.Receive(1, new PromiseRequest(2));
        elected.Receive(1, new Heartbeat(2, 0, 0));
        elected.Tick(CoreHarness.Timings.ReplicationTimeout + 1);
        var entry = CoreHarness.Entry(2, 1, 2, 3) with { Term = 3, Version = 5 };
        var taken = elected.Do(core => core.EntrySeen(entry, elected.Now)).OfType<CasEntry>().Single();
        elected.Do(core => core.CasCompleted(taken.Proposed.Counter, CasOutcome.Done, elected.Now));
        elected.Follow(3, 103);

        CasEntry? removal = null;
        long waited = 0;
        for (; removal is null && waited < CoreHarness.Timings.ReplicationTimeout; waited += 100)
        {
            elected.Receive(3, new HeartbeatReply(elected.Core.Term, 103, elected.Now, elected.Core.Log.End.Seq, true));
            removal = elected.Tick(100).OfType<CasEntry>().SingleOrDefault();
        }

        Assert.Equal([CoreHarness.Replica(2), CoreHarness.Replica(3)], removal!.Proposed.InSync);
        Assert.InRange(waited, 2 * CoreHarness.Timings.Resend, CoreHarness.Timings.ReplicationTimeout / 2);
    }
}
