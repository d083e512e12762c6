using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Coordinator.Balance;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Placement;
using Deucalion.Replication.Tests.Membership;
using Xunit;

namespace Deucalion.Replication.Tests.Coordinator;

public sealed class CoordinatorStateTests
{
    private const long Token = 5;
    private static readonly PartitionId One = new(1);
    private static readonly CoordinatorOptions Options = new();
    private readonly CoordinatorState _state = new(TestNodes.Id(1), Token, 9, Options);
    private readonly Dictionary<int, long> _leases = [];
    private long _now = 1_000_000;

    public CoordinatorStateTests()
    {
        foreach (var node in (int[])[1, 2, 3, 4])
        {
            _leases[node] = 1;
        }

        ReadLeases();
        _state.TableRead(
            [.. _leases.Keys.Select(static node => TestNodes.Record(node, state: NodeState.Active, lease: 1))],
            [(One, TestNodes.Entry(7, 3, 1, 2, 3))],
            PlacementView.Create(1, 256, 1, []).WithNumbers(ReplicaNumbers.WithMajority(3), new Dictionary<PartitionId, ReplicaNumbers>()),
            _now,
            _now);
    }

    [Fact]
    public void KnowsNothing_BeforeLeasesAndTableAreRead()
    {
        var state = new CoordinatorState(TestNodes.Id(1), Token, 9, Options);
        Assert.True(state.IsFrozen(_now));
        state.TableRead([], [], null, _now, _now);
        Assert.True(state is { IsReady: false } && state.IsFrozen(_now));
        state.Tick(_now);

        Assert.Empty(state.Actions);
    }

    [Fact]
    public void ReplacesAPrimaryThatHoldsItsLease_OnceItIsNeitherHeardNorFollowed()
    {
        HearAllBut(1);
        Miss(9_000);
        Assert.Empty(_state.Actions.OfType<ReplacePrimary>());

        // Backups miss it, but it asks this coordinator for news: the coordinator cannot know who of them is cut off.
        for (var i = 0; i < 5; i++)
        {
            HearAllBut();
            _state.Reported(TestNodes.Id(2), One, 1, false, _now);
            Miss(1_500);
        }

        Assert.Empty(_state.Actions.OfType<ReplacePrimary>());
        for (var i = 0; i < 4; i++)
        {
            HearAllBut(1);
            _state.Reported(TestNodes.Id(2), One, 1, false, _now);
            Miss(1_500);
        }

        Assert.Equal(TestNodes.Id(2), Assert.Single(_state.Actions.OfType<ReplacePrimary>()).Proposed.Primary);
    }

    [Fact]
    public void ReplacesAPrimaryThatHearsNothing_ThoughItIsHeard()
    {
        for (var i = 0; i < 6; i++)
        {
            HearAllBut(1);
            Hear(1, 3_000 + (1_000 * i));
            _state.Reported(TestNodes.Id(2), One, 1, false, _now);
            Miss(1_000);
        }

        Assert.Equal(TestNodes.Id(2), Assert.Single(_state.Actions.OfType<ReplacePrimary>()).Proposed.Primary);
    }

    // The node of the primary coordinated until now, and so has not been without an answer for long; those of this coordinator do not reach it.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void ReplacesAPrimaryThatDoesNotGetItsAnswer_ThoughItHadOnesOfAnEarlierCoordinator(int questions)
    {
        for (var i = 0; i < 3; i++)
        {
            HearAllBut(1);
            if (i < questions)
            {
                Hear(1, 500 + (1_000 * i), isAnswered: false);
            }

            _state.Reported(TestNodes.Id(2), One, 1, false, _now);
            Assert.Empty(_state.Actions.OfType<ReplacePrimary>());
            Miss(1_000);
        }

        Assert.Equal(TestNodes.Id(2), Assert.Single(_state.Actions.OfType<ReplacePrimary>()).Proposed.Primary);
    }

    [Fact]
    public void TakesNoPrimaryAway_ThatHadAnAnswerMeanwhile()
    {
        for (var i = 0; i < 6; i++)
        {
            HearAllBut(1);
            Hear(1, 0, isAnswered: i % 2 == 1);
            _state.Reported(TestNodes.Id(2), One, 1, false, _now);
            Miss(1_000);
        }

        Assert.Empty(_state.Actions.OfType<ReplacePrimary>());
    }

    [Fact]
    public void TakesNoPrimaryAway_BeforeItHasAnsweredAnybody()
    {
        // Nobody has heard a coordinator for a while when a new one begins.
        foreach (var node in _leases.Keys)
        {
            Hear(node, 8_000);
        }

        _state.Reported(TestNodes.Id(2), One, 1, false, _now);
        Tick();
        HearAllBut(1);
        Tick(500);

        Assert.Empty(_state.Actions.OfType<ReplacePrimary>());
    }

    [Fact]
    public void TakesNoPrimaryAway_WhenItHearsNobody()
    {
        // The last that was heard of each is as far apart as questions of nodes that are well.
        HearAllBut();
        Miss((long)Options.SyncEvery.TotalMilliseconds);
        HearAllBut(1);
        for (var i = 0; i < 20; i++)
        {
            _state.Reported(TestNodes.Id(2), One, 1, false, _now);
            Miss(250);
        }

        Assert.Empty(_state.Actions.OfType<ReplacePrimary>());
    }

    [Fact]
    public void ANodeWithoutRoomLeadsNothing_UntilItHasRoomAgain()
    {
        _state.EntrySeen(One, TestNodes.Entry(8, 2, 1, 2, 3), _now);
        HearAllBut();
        Assert.True(_state.Nodes.Told(TestNodes.Id(2), 1, serves: true, isFull: true));
        Assert.False(_state.Nodes.Told(TestNodes.Id(2), 1, serves: true, isFull: true));
        Assert.Equal([true, false, true, true], _state.Nodes.Picture(_now).Select(static node => node.Leads));
        Assert.Equal([true, false, true, true], _state.Nodes.Picture(_now).Select(static node => node.Takes));
        Assert.True(_state.Nodes.Told(TestNodes.Id(2), 1, serves: true, isFull: false));
        Assert.All(_state.Nodes.Picture(_now), static node => Assert.True(node is { Leads: true, Takes: true, Empties: false }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Abdicates_WhenMostOthersAreNotHeardOrDoNotHear(bool areHeard)
    {
        for (var i = 0; i < 8; i++)
        {
            HearAllBut(3);
            Miss(1_500);
        }

        Assert.False(_state.ShouldAbdicate(_now));
        for (var i = 0; i < 8; i++)
        {
            if (areHeard)
            {
                Hear(2, 0);
                Hear(3, 6_000 + (1_500 * i));
                Hear(4, 6_000 + (1_500 * i));
            }
            else
            {
                Hear(2, 0);
            }

            Miss(1_500);
        }

        Assert.True(_state.ShouldAbdicate(_now));
        HearAllBut();
        Miss(500);
        Assert.False(_state.ShouldAbdicate(_now));
    }

    [Fact]
    public void ReadsTheLeasesInAHurry_WhenAPrimaryIsMissedThatSeemsAlive()
    {
        _state.Reported(TestNodes.Id(2), One, 2, false, _now);
        Assert.False(_state.IsInHurry);
        _state.Reported(TestNodes.Id(2), One, 1, false, _now);
        Assert.True(_state.IsInHurry);
        Tick();
        Assert.Empty(_state.Actions.OfType<ReplacePrimary>());

        _leases.Remove(1);
        ReadLeases();
        Tick();

        var replace = Assert.Single(_state.Actions.OfType<ReplacePrimary>());
        Assert.Equal((One, 7L, 2L, TestNodes.Id(2)), (replace.Partition, replace.ExpectedVersion, replace.Proposed.Term, replace.Proposed.Primary));
        Assert.False(_state.IsInHurry);
    }

    [Fact]
    public void ReadsAnEntry_OfWhichAReplicaKnowsALaterTerm()
    {
        _state.Reported(TestNodes.Id(2), One, 2, false, _now);
        _state.Reported(TestNodes.Id(2), new PartitionId(9), 1, true, _now);

        Assert.Equal([One, new PartitionId(9)], _state.Actions.OfType<ReadTableEntry>().Select(static read => read.Partition));
    }

    [Fact]
    public void ChangesNothing_WithoutARecentLookAtTheLeases()
    {
        _leases.Remove(1);
        ReadLeases();
        _now += (long)Options.FreezeAfter.TotalMilliseconds + 1;
        _state.Reported(TestNodes.Id(2), One, 1, false, _now);
        Tick();

        Assert.Empty(_state.Actions);
        Assert.True(_state.IsFrozen(_now));
        ReadLeases();
        HearAllBut(1);
        Tick();
        Assert.Single(_state.Actions.OfType<ReplacePrimary>());
    }

    [Fact]
    public void APrimaryThatAsksIsReplaced_ThoughItIsAlive()
    {
        _state.Reported(TestNodes.Id(2), One, 1, true, _now);
        Tick();
        Assert.Empty(_state.Actions.OfType<ReplacePrimary>());
        _state.Reported(TestNodes.Id(1), One, 1, true, _now);
        Tick();

        Assert.NotEqual(TestNodes.Id(1), Assert.Single(_state.Actions.OfType<ReplacePrimary>()).Proposed.Primary);
    }

    [Fact]
    public void ALeavingNodeIsElected_OnlyWhereNobodyElseIs()
    {
        _state.RecordRead(TestNodes.Record(2, state: NodeState.Leaving, lease: 1), _now);
        Tick(1000);
        _state.Actions.Clear();
        _state.Reported(TestNodes.Id(1), One, 1, true, _now);
        Tick();

        Assert.Equal(TestNodes.Id(3), Assert.Single(_state.Actions.OfType<ReplacePrimary>()).Proposed.Primary);
    }

    [Fact]
    public void TellsWhatChanged_SinceWhatANodeKnows()
    {
        var all = _state.UpdateSince(default);
        Assert.Equal((Token, 0L, _state.Seq, 4, 1), (all.Token, all.Since, all.Seq, all.Nodes!.Count, all.Entries.Count));
        Assert.Equal(0, _state.UpdateSince(new ViewPosition(Token - 1, all.Seq)).Since);
        var nothing = _state.UpdateSince(new ViewPosition(Token, all.Seq));
        Assert.Equal((all.Seq, all.Seq, 0), (nothing.Since, nothing.Seq, nothing.Entries.Count));
        Assert.Null(nothing.Nodes);
        var asked = _state.UpdateSince(new ViewPosition(Token, all.Seq), wantsNodes: true);
        Assert.Equal((all.Seq, 4, 0), (asked.Since, asked.Nodes!.Count, asked.Entries.Count));

        _state.EntrySeen(One, TestNodes.Entry(6, 3, 2, 3, 4), _now);
        Assert.Equal(all.Seq, _state.Seq);
        _state.EntrySeen(One, TestNodes.Entry(8, 3, 2, 3, 4), _now);
        var entries = _state.UpdateSince(new ViewPosition(Token, all.Seq));
        Assert.Equal(8, Assert.Single(entries.Entries).Entry.Version);
        Assert.Null(entries.Nodes);
        _leases.Remove(4);
        ReadLeases();
        var nodes = _state.UpdateSince(new ViewPosition(Token, entries.Seq));
        Assert.Equal([true, true, true, false], nodes.Nodes!.Select(static node => node.IsAlive));
        Assert.Empty(nodes.Entries);
    }

    [Fact]
    public void ANodeIsActivated_OnceEveryNodeWithALeaseKnowsOfItsProcess()
    {
        _leases[5] = 3;
        ReadLeases();
        Assert.Equal([TestNodes.Name(5)], _state.Actions.OfType<ReadRecord>().Select(static read => read.Node));
        _state.RecordRead(TestNodes.Record(5, lease: 3), _now);
        var shown = _state.Seq;
        foreach (var node in (int[])[1, 2, 3, 4])
        {
            Confirm(node, 1, shown);
        }

        Tick();
        Assert.Empty(_state.Actions.OfType<Activate>());
        Confirm(5, 2, shown);
        Confirm(5, 3, shown - 1);
        Tick();
        Assert.Empty(_state.Actions.OfType<Activate>());
        Confirm(5, 3, shown);
        Tick();
        Assert.Equal([new Activate(TestNodes.Name(5), 3)], _state.Actions.OfType<Activate>());

        // A new process under its id has to be made known again, and knows nothing.
        _state.Actions.Clear();
        _leases[5] = 4;
        ReadLeases();
        _state.RecordRead(TestNodes.Record(5, lease: 4), _now);
        Tick();
        Assert.Empty(_state.Actions.OfType<Activate>());
        foreach (var (node, lease) in _leases)
        {
            Confirm(node, lease, _state.Seq);
        }

        Tick();
        Assert.Equal([new Activate(TestNodes.Name(5), 4)], _state.Actions.OfType<Activate>());
    }

    [Fact]
    public void WhatANodeTellsOfItself_DoesNotUndoTheStateOthersPutItInto()
    {
        _state.RecordRead(TestNodes.Record(2, state: NodeState.Leaving, lease: 1), _now);
        _state.RecordTold(TestNodes.Record(2, state: NodeState.Joining, lease: 1), _now);
        Assert.Equal(NodeState.Leaving, _state.Nodes.Find(TestNodes.Id(2))!.Record!.State);

        _state.RecordTold(TestNodes.Record(2, state: NodeState.Joining, lease: 2), _now);
        Assert.Equal(2, _state.Nodes.Find(TestNodes.Id(2))!.Record!.Lease);
        Assert.True(_state.IsInHurry);
        _state.RecordRead(TestNodes.Record(2, state: NodeState.Active, lease: 1), _now);
        Assert.Equal(NodeState.Joining, _state.Nodes.Find(TestNodes.Id(2))!.Record!.State);
    }

    [Fact]
    public void AReadingThatBeganBeforeAChange_DoesNotUndoIt()
    {
        var placement = _state.Placement!;
        var began = _now++;
        var changed = PlacementView.Create(2, 256, 1, []).WithNumbers(ReplicaNumbers.WithMajority(2), new Dictionary<PartitionId, ReplicaNumbers>());
        _state.PlacementRead(changed);
        _state.RecordRead(TestNodes.Record(2, state: NodeState.Leaving, lease: 1), _now++);
        _state.Actions.Clear();
        _state.TableRead([.. _leases.Keys.Select(static node => TestNodes.Record(node, state: NodeState.Active, lease: 1))], [], placement, began, _now);

        Assert.Equal(NodeState.Leaving, _state.Nodes.Find(TestNodes.Id(2))!.Record!.State);
        Assert.Same(changed, _state.Placement);
        Assert.Equal([new ReadRecord(TestNodes.Name(2))], _state.Actions);

        // One that began later tells what others changed.
        _state.TableRead([TestNodes.Record(2, state: NodeState.Joining, lease: 1)], [], changed, _now, _now);
        Assert.Equal(NodeState.Joining, _state.Nodes.Find(TestNodes.Id(2))!.Record!.State);
    }

    [Fact]
    public void ADeadNodeIsForgotten_AfterAWhile_AndOnlyIfItHasNothing()
    {
        _leases.Remove(3);
        _leases.Remove(4);
        _state.EntrySeen(One, TestNodes.Entry(8, 2, 1, 3), _now);
        ReadLeases();
        PassWithLeases(Options.ForgetAfter - TimeSpan.FromMinutes(1));
        Assert.Empty(_state.Actions.OfType<ForgetNode>());
        PassWithLeases(TimeSpan.FromMinutes(2));

        Assert.Equal([new ForgetNode(TestNodes.Name(4), 1)], _state.Actions.OfType<ForgetNode>().Distinct());
        _state.Forgotten(TestNodes.Name(4));
        Assert.Null(_state.Nodes.Find(TestNodes.Id(4)));
        Assert.Equal(3, _state.UpdateSince(default).Nodes!.Count);
    }

    [Fact]
    public void NothingIsPlanned_WhereNobodySaidHowManyReplicasAreWanted()
    {
        var state = new CoordinatorState(TestNodes.Id(1), Token, 9, Options);
        state.LeasesRead([new LeaseSight($"nodes/{TestNodes.Name(1)}", TestNodes.Name(1), 1, true), new LeaseSight($"nodes/{TestNodes.Name(2)}", TestNodes.Name(2), 1, true)], _now, _now);
        state.TableRead([TestNodes.Record(1, state: NodeState.Active, lease: 1), TestNodes.Record(2, state: NodeState.Active, lease: 1)], [(One, TestNodes.Entry(7, 3, 1))], null, _now, _now);
        state.Tick(_now);

        Assert.Empty(state.Actions.OfType<TellReplica>());
    }

    [Fact]
    public void AMoveThatIsDoneOrSenseless_IsForgotten()
    {
        // Nodes 1 and 4 share a zone.
        var partition = _state.Find(One)!;
        partition.Move = new(TestNodes.Id(1), TestNodes.Id(4), StepReason.Move);
        Tick(1000);
        Assert.IsType<HandOffRequest>(Assert.Single(_state.Actions.OfType<TellReplica>()).Message);
        _state.EntrySeen(One, TestNodes.Entry(8, 3, 2, 1, 3), _now);
        Tick(1000);
        Assert.Equal(new PlaceReplica(1, TestNodes.Id(4), TestNodes.Id(1)), _state.Actions.OfType<TellReplica>().Last().Message);
        _leases.Remove(4);
        ReadLeases();
        Tick(1000);
        Assert.Null(partition.Move);

        _leases[4] = 1;
        ReadLeases();
        partition.Move = new(TestNodes.Id(1), TestNodes.Id(4), StepReason.Move);
        _state.EntrySeen(One, TestNodes.Entry(9, 3, 2, 3, 4), _now);
        Tick(1000);
        Assert.Null(partition.Move);
    }

    private void Confirm(int node, long lease, long seq)
    {
        _state.Nodes.Told(TestNodes.Id(node), lease, serves: true, isFull: false);
        _state.Confirmed(TestNodes.Id(node), lease, new ViewPosition(Token, seq));
    }

    private void Miss(long time)
    {
        _now += time;
        ReadLeases();
        Tick();
    }

    private void HearAllBut(params int[] silent)
    {
        foreach (var node in _leases.Keys.Except(silent))
        {
            Hear(node, 0);
        }
    }

    private void Hear(int node, long silence, bool isAnswered = true) => _state.Nodes.Heard(TestNodes.Id(node), _leases[node], silence, isAnswered, _now);

    private void Tick(long later = 0)
    {
        _now += later;
        _state.Tick(_now);
    }

    private void PassWithLeases(TimeSpan time)
    {
        for (var until = _now + (long)time.TotalMilliseconds; _now < until;)
        {
            _now += 5000;
            ReadLeases();
            _state.Tick(_now);
        }
    }

    private void ReadLeases() => _state.LeasesRead(
        [.. _leases.Select(static lease => new LeaseSight($"nodes/{TestNodes.Name(lease.Key)}", TestNodes.Name(lease.Key), lease.Value, true)), new LeaseSight("nodes/strange", "x", 1, true)],
        _now,
        _now);
}
