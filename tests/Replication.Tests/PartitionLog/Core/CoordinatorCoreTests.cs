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
        See(1, true, 0);
        See(2, true, 0);
        See(3, true, 0);
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public void ReplacesAPrimary_OnlyWhenLeaseAndHeartbeatsAreGone(bool leaseGone, bool missed, bool replaced)
    {
        See(1, !leaseGone, 100);
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
    public void ElectsNobody_WhenNoMemberIsAlive()
    {
        See(1, false, 100);
        See(2, false, 100);
        See(3, false, 100);
        See(4, true, 100);
        _core.PrimaryMissing(new NodeId(2), 1, 100);

        _core.Tick(100);

        Assert.Empty(_core.Effects.OfType<WriteEntry>());
    }

    [Fact]
    public void PlacesAnotherReplica_OnlyAfterANodeWasDeadForLong()
    {
        See(3, false, 1000);
        See(4, true, 1000, "z1");
        See(5, true, 1000, "z9");

        _core.Tick(1000 + Timings.ReplaceAfter - 1);
        Assert.Empty(_core.Effects);
        _core.Tick(1000 + Timings.ReplaceAfter + Timings.Propose);

        // Node 5 lies in a zone that has no replica.
        Assert.Equal(new Tell(new NodeId(1), new PlaceReplica(1, new NodeId(5), new NodeId(3))), Assert.Single(_core.Effects));
    }

    private void See(int node, bool isAlive, long now, string? zone = null) => _core.NodeSeen(new NodeId((UInt128)node), zone ?? $"z{node}", isAlive, now);
}
