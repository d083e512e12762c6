using Deucalion.Replication.PartitionLog.Core;
using Xunit;

namespace Deucalion.Replication.Tests.PartitionLog.Core;

/// <summary>A primary that hands its partition over while the coordination store is away.</summary>
public sealed class HandOffTests
{
    private const long Gap = 200;
    private static readonly NodeId Successor = new(2);

    private readonly CoreHarness _primary = new(CoreHarness.Replica(1));

    [Fact]
    public void TakesAppendsAgain_WhenNobodyCanTellWhatBecameOfTheChange()
    {
        var change = Begun();
        Stay(CoreHarness.Timings.HandOff - Gap);
        Assert.False(_primary.Core.CanAppend);
        Stay(2 * Gap);
        Assert.True(_primary.Core.CanAppend);

        // What every member holds is as safe as ever: the successor holds it too.
        _primary.Do(core => core.Append(CoreHarness.Record(2, 2), _primary.Now));
        _primary.Do(static core => core.Wait(5, appended: true));
        _primary.Receive(3, new Appended(2, 103, 2));
        Assert.Equal(1, _primary.Core.CommitIndex);
        Assert.Contains(new Acknowledge(5), _primary.Receive(2, new Appended(2, 102, 2)));

        // The store is back, and the change had come to it.
        var late = _primary.Do(core => core.CasCompleted(change.Proposed.Counter, CasOutcome.Done, _primary.Now));
        Assert.Contains(new CloseForWrites(2), late);
        Assert.False(_primary.Core.CanAppend);
    }

    [Fact]
    public void IsNotStoppedAgain_WhileTheFirstChangeIsOnItsWay()
    {
        Begun();
        Stay(CoreHarness.Timings.HandOff + Gap);
        _primary.Receive(9, new HandOffRequest(2, new NodeId(3)));
        Assert.True(_primary.Core.CanAppend);
    }

    [Fact]
    public void TakesAppendsOn_WhileAnEarlierChangeOfMembersIsInItsWay()
    {
        _primary.Open(CoreHarness.Entry(1, 1, 2, 3));
        _primary.Receive(3, new StandAside(2));
        var removal = _primary.Tick(Gap).OfType<CasEntry>().Single();
        Lost(removal);
        _primary.Receive(9, new HandOffRequest(2, Successor));
        Assert.True(_primary.Core.CanAppend);

        // Whoever wants it asks again, and once that is settled it comes about.
        _primary.Do(core => core.CasCompleted(removal.Proposed.Counter, CasOutcome.Done, _primary.Now));
        var change = _primary.Receive(9, new HandOffRequest(2, Successor)).OfType<CasEntry>().Single();
        Assert.Equal(Successor, change.Proposed.Primary);
    }

    [Fact]
    public void AsksToBeReplaced_WhenItMissesAMemberThatItCannotTakeOut()
    {
        _primary.Open(CoreHarness.Entry(1, 1, 2, 3));
        var asked = false;
        for (var waited = 0L; !asked && waited < 10 * CoreHarness.Timings.Stuck; waited += Gap)
        {
            _primary.Receive(2, new HeartbeatReply(2, 102, _primary.Now, _primary.Core.CommitIndex, true));
            var effects = _primary.Tick(Gap);
            effects.OfType<CasEntry>().ToList().ForEach(Lost);
            asked = effects.OfType<AskReplacement>().Any();
        }

        Assert.True(asked);
    }

    private CasEntry Begun()
    {
        _primary.Open(CoreHarness.Entry(1, 1, 2, 3));
        var change = _primary.Receive(9, new HandOffRequest(2, Successor)).OfType<CasEntry>().Single();
        Assert.Equal(Successor, change.Proposed.Primary);
        Lost(change);
        return change;
    }

    // Sent, and the store does not answer any more.
    private void Lost(CasEntry change) => _primary.Do(core => core.CasCompleted(change.Proposed.Counter, CasOutcome.Unknown, _primary.Now));

    /// <summary>Time passes in which all members answer and the store does not.</summary>
    private void Stay(long time)
    {
        for (var passed = 0L; passed < time; passed += Gap)
        {
            foreach (var member in new[] { 2, 3 })
            {
                _primary.Receive(member, new HeartbeatReply(2, CoreHarness.Replica(member).Incarnation, _primary.Now, _primary.Core.CommitIndex, true));
            }

            _primary.Tick(Gap);
        }
    }
}
