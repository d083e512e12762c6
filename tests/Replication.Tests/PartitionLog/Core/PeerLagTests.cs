using Deucalion.Replication.PartitionLog.Core;
using Xunit;

namespace Deucalion.Replication.Tests.PartitionLog.Core;

public sealed class PeerLagTests
{
    private static readonly NodeId Second = new(2);
    private static readonly NodeId Third = new(3);

    private readonly CoreHarness _primary = new(CoreHarness.Replica(1));

    private IReadOnlyList<PeerLag> Lags => _primary.Core.Lags(_primary.Now);

    [Fact]
    public void IsNothing_WhereOthersHoldAllThereIs()
    {
        Assert.Empty(Lags);
        _primary.Open(CoreHarness.Entry(1, 1, 2, 3));

        Assert.Equal([new PeerLag(Second, 0, 0), new PeerLag(Third, 0, 0)], Lags);
    }

    [Fact]
    public void CountsRecords_AndTimeSinceAllWereHeld()
    {
        _primary.Open(CoreHarness.Entry(1, 1, 2, 3));
        Append(5);
        Acknowledge(2, 4);
        Acknowledge(3, 6);
        Assert.Equal([new PeerLag(Second, 2, 0), new PeerLag(Third, 0, 0)], Lags);

        // It answers all the time, but does not come further; others do.
        for (var i = 0; i < 4; i++)
        {
            _primary.Tick(500);
            Acknowledge(2, 4);
            Acknowledge(3, 6);
        }

        Assert.Equal([new PeerLag(Second, 2, 2000), new PeerLag(Third, 0, 0)], Lags);
        Append(1);
        Assert.Equal([new PeerLag(Second, 3, 2000), new PeerLag(Third, 1, 0)], Lags);
        Acknowledge(2, 7);
        Acknowledge(3, 7);
        Assert.Equal([new PeerLag(Second, 0, 0), new PeerLag(Third, 0, 0)], Lags);
    }

    [Fact]
    public void IsNotKnown_WhereAReplicaIsNotHeard()
    {
        _primary.Open(CoreHarness.Entry(1, 1, 2, 3));
        for (var i = 0; i < 8; i++)
        {
            _primary.Tick(500);
            Acknowledge(3, 1);
        }

        Assert.Equal([new PeerLag(Second, null, 4000), new PeerLag(Third, 0, 0)], Lags);
    }

    [Fact]
    public void IsTold_OfLearnersToo_AndOnlyByThePrimary()
    {
        _primary.Open(CoreHarness.Entry(1, 1, 2));
        Append(2);
        Acknowledge(2, 3);
        _primary.Receive(9, new PlaceReplica(2, Third, null));
        var placing = _primary.Tick(10).OfType<CasEntry>().Single();
        _primary.Do(core => core.CasCompleted(placing.Proposed.Counter, CasOutcome.Done, _primary.Now));
        Assert.Equal([new PeerLag(Second, 0, 0), new PeerLag(Third, null, 0)], Lags);

        _primary.Receive(9, new PromiseRequest(7));
        Assert.Empty(Lags);
    }

    private void Append(int count)
    {
        for (; count > 0; count--)
        {
            _primary.Do(core => core.Append(CoreHarness.Record(2, core.Log.End.Seq + 1), _primary.Now));
        }
    }

    private void Acknowledge(int node, long seq) => _primary.Receive(node, new Appended(2, CoreHarness.Replica(node).Incarnation, seq));
}
