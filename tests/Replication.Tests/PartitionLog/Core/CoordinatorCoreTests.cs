using Deucalion.Replication.PartitionLog.Core;
using Xunit;

namespace Deucalion.Replication.Tests.PartitionLog.Core;

public sealed class CoordinatorCoreTests
{
    private static readonly CoordinatorTimings Timings = new();
    private readonly CoordinatorCore _core = new(new NodeId(9), 1, Timings, ProtocolRules.All);

    public CoordinatorCoreTests()
    {
        _core.EntrySeen(CoreHarness.Entry(1, 1, 2, 3));
        See(1, true);
        See(2, true);
        See(3, true);
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public void ReplacesAPrimary_OnlyWhenLeaseAndHeartbeatsAreGone(bool leaseGone, bool missed, bool replaced)
    {
        See(1, !leaseGone);
        if (missed)
        {
            _core.PrimaryMissing(new NodeId(2), 1, 100);
        }

        _core.Tick(100);

        var written = _core.Effects.OfType<WriteEntry>().ToList();
        Assert.Equal(replaced, written.Count == 1);
        Assert.All(written, static write => Assert.Equal((1L, 2L, new NodeId(2)), (write.ExpectedVersion, write.Proposed.Term, write.Proposed.Primary)));
    }

    [Fact]
    public void ReplacesAPrimary_ThatAsksForIt()
    {
        _core.ReplacementAsked(new NodeId(1), 1, 100);

        _core.Tick(100);

        Assert.NotEqual(new NodeId(1), _core.Effects.OfType<WriteEntry>().Single().Proposed.Primary);
    }

    [Fact]
    public void ElectsAgainAtOnce_WhenThePrimaryHadChangedItsReplicas()
    {
        See(1, false);
        _core.PrimaryMissing(new NodeId(2), 1, 100);
        _core.Tick(100);
        Assert.Equal(1, _core.Effects.OfType<WriteEntry>().Single().ExpectedVersion);
        _core.Effects.Clear();
        _core.Tick(200);
        Assert.Empty(_core.Effects.OfType<WriteEntry>());

        // It reaches the store, but nobody heard of what it wrote there.
        _core.EntrySeen(CoreHarness.Entry(1, 1, 2) with { Version = 2 });
        _core.Tick(300);

        Assert.Equal(2, _core.Effects.OfType<WriteEntry>().Single().ExpectedVersion);
    }

    [Fact]
    public void ElectsAgainAtOnce_WhenTheElectionWasLeftOut()
    {
        See(1, false);
        _core.PrimaryMissing(new NodeId(2), 1, 100);
        _core.Tick(100);
        var written = _core.Effects.OfType<WriteEntry>().Single().Proposed;
        _core.Effects.Clear();
        _core.ElectionVoid(written.Term);
        _core.Tick(200);
        Assert.Equal(written.Primary, _core.Effects.OfType<WriteEntry>().Single().Proposed.Primary);

        // It was changed after all: the one elected needs time to open.
        _core.EntrySeen(written);
        _core.ElectionVoid(written.Term);
        _core.Effects.Clear();
        _core.ReplacementAsked(written.Primary, written.Term, 300);
        _core.Tick(300);
        Assert.Empty(_core.Effects.OfType<WriteEntry>());
    }

    [Fact]
    public void TriesLessAndLessOften_WhileTheStoreRefusesTheElection()
    {
        See(1, false);
        Assert.Equal([0L, 1000, 3000, 7000, 15_000, 25_000, 35_000], Failures(0, 40_000));

        // The table is changed: the next trouble is another one.
        _core.EntrySeen(CoreHarness.Entry(2, 1, 2, 3) with { Term = 2, Version = 2 });
        See(2, false);
        Assert.Equal([50_000L, 51_000, 53_000], Failures(50_000, 54_000));
    }

    [Fact]
    public void ElectsNobody_WhenNoMemberIsAlive()
    {
        See(1, false);
        See(2, false);
        See(3, false);
        See(4, true);
        _core.PrimaryMissing(new NodeId(2), 1, 100);

        _core.Tick(100);

        Assert.Empty(_core.Effects.OfType<WriteEntry>());
    }

    [Fact]
    public void ElectsWhoMissesThePrimary_AndOfThoseTheOneWithTheLeastBurden()
    {
        var core = new CoordinatorCore(new NodeId(9), 1, Timings, ProtocolRules.All) { Burden = static node => node == new NodeId(3) ? 5 : 2 };
        core.EntrySeen(CoreHarness.Entry(1, 1, 2, 3));
        core.NodeSeen(new NodeId(2), true);
        core.NodeSeen(new NodeId(3), true);
        core.PrimaryMissing(new NodeId(3), 1, 100);
        core.Tick(100);
        Assert.Equal(new NodeId(3), core.Effects.OfType<WriteEntry>().Single().Proposed.Primary);

        core.Effects.Clear();
        core.PrimaryMissing(new NodeId(2), 1, 200);
        core.Tick(200 + Timings.ElectionPatience);

        Assert.Empty(core.Effects);
        core.PrimaryMissing(new NodeId(2), 1, 200 + Timings.ElectionPatience);
        core.PrimaryMissing(new NodeId(3), 1, 200 + Timings.ElectionPatience);
        core.Tick(200 + Timings.ElectionPatience);
        Assert.Equal(new NodeId(2), core.Effects.OfType<WriteEntry>().Single().Proposed.Primary);
    }

    [Fact]
    public void TellsThePrimaryWhatIsPlanned_AtOnce_Again_AndNotInAnotherTerm()
    {
        var wish = new PlaceReplica(1, new NodeId(4), null);
        _core.Planned([wish]);
        _core.Tick(100);
        Assert.Equal(new Tell(new NodeId(1), wish), Assert.Single(_core.Effects));
        _core.Planned([wish]);
        _core.Tick(100 + Timings.Propose - 1);
        Assert.Single(_core.Effects);
        _core.Tick(100 + Timings.Propose);
        Assert.Equal(2, _core.Effects.Count);

        _core.Planned([new HandOffRequest(1, new NodeId(2))]);
        _core.Tick(101 + Timings.Propose);
        Assert.Equal(3, _core.Effects.Count);
        _core.EntrySeen(CoreHarness.Entry(1, 1, 2, 3).WithPrimary(new NodeId(2)));
        _core.Tick(100 + (10 * Timings.Propose));

        Assert.Equal(3, _core.Effects.Count);
    }

    /// <summary>When something is written, where nothing of it takes effect.</summary>
    private List<long> Failures(long from, long to)
    {
        var times = new List<long>();
        for (var now = from; now < to; now += 500)
        {
            _core.PrimaryMissing(new NodeId(3), _core.Entry!.Term, now);
            _core.Tick(now);
            foreach (var write in _core.Effects.OfType<WriteEntry>())
            {
                times.Add(now);
                _core.ElectionFailed(write.Proposed.Term, now);
            }

            _core.Effects.Clear();
        }

        return times;
    }

    private void See(int node, bool isAlive) => _core.NodeSeen(new NodeId((UInt128)node), isAlive);
}
