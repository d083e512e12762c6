using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog;
using Xunit;

namespace Replication.Tests.PartitionLog;

public sealed class EntryDecisionTests
{
    private static readonly ReplicaRef Self = new("n1", "i2");
    private static readonly ReplicaRef Other = new("n2", "j1");

    [Fact]
    public void MakesTheEntry_OfANewPartition() => Assert.Equal(EntryAction.Create, Decide(null, LogPoint.Start).Action);

    [Fact]
    public void UsesTheEntry_ThatListsThisLog()
    {
        Assert.Equal(EntryAction.Use, Decide(Entry(7, Self), new LogPoint(7, 100, 1)).Action);
        Assert.Equal(EntryAction.Use, Decide(Entry(7, Self, Other), new LogPoint(7, 100, 1)).Action);
        Assert.Equal(EntryAction.Use, Decide(Entry(7, Other), new LogPoint(7, 100, 1)).Action);
    }

    [Fact]
    public void BeginsAnew_WhereOthersHoldWhatIsMissing()
    {
        Assert.Equal(EntryAction.StartOver, Decide(Entry(7, Self, Other), LogPoint.Start, mayHaveLost: true).Action);
        Assert.Equal(EntryAction.StartOver, Decide(Entry(7, Other), LogPoint.Start, mayHaveLost: true).Action);
    }

    [Fact]
    public void LooksAgain_WhereTheTableKnowsNothingOfALogThatHoldsRecords()
    {
        var verdict = Decide(null, new LogPoint(1, 5, 0));

        Assert.Equal(EntryAction.Wait, verdict.Action);
        Assert.Contains("no entry", verdict.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_WhatItMayNotOpen()
    {
        var (lost, ahead) = (Decide(Entry(7, Self), LogPoint.Start, mayHaveLost: true), Decide(Entry(7, Self), new LogPoint(8, 5, 0)));

        Assert.Equal((EntryAction.Refuse, EntryAction.Refuse), (lost.Action, ahead.Action));
        Assert.Contains("--wal.salvage", lost.Refusal, StringComparison.Ordinal);
        Assert.Contains("knows only term 7", ahead.Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(IncarnationEnd.Unclean, true)]
    [InlineData(IncarnationEnd.Salvaged, true)]
    [InlineData(IncarnationEnd.Missing, false)]
    public void ANewIncarnationSucceeds_OnlyWhereTheLossWasAccepted(IncarnationEnd end, bool succeeds)
    {
        var incarnation = new LogIncarnation { Current = "i2", Past = [new PastIncarnation("i1", end)] };
        var decision = Decide(Entry(7, new ReplicaRef("n1", "i1")), LogPoint.Start, incarnation: incarnation);

        Assert.Equal(succeeds ? EntryAction.Adopt : EntryAction.Refuse, decision.Action);
        Assert.Equal(succeeds ? [Self] : null, decision.Proposed?.InSync);
        Assert.Equal(succeeds ? 5 : null, decision.Proposed?.Version);

        // Where others were in sync the log comes back as a learner: the protocol sees to that.
        Assert.Equal(EntryAction.Use, Decide(Entry(7, new ReplicaRef("n1", "i1"), Other), LogPoint.Start, incarnation: incarnation).Action);
    }

    [Theory]
    [InlineData("Unclean,Unclean", true)]
    [InlineData("Missing,Salvaged", true)]
    [InlineData("Salvaged,Missing", false)]
    [InlineData("Unclean,Missing,Unclean", false)]
    [InlineData("Missing,Unclean,Salvaged,Unclean", true)]
    public void EveryStepMustHaveBeenAccepted(string ends, bool succeeds)
    {
        var past = ends.Split(',').Select(static (end, i) => new PastIncarnation($"i{i}", Enum.Parse<IncarnationEnd>(end))).ToList();
        var incarnation = new LogIncarnation { Current = "now", Past = past };

        Assert.Equal(succeeds, incarnation.MaySucceed("i0"));
    }

    [Fact]
    public void NobodySucceedsAnUnknownIncarnation_WithoutASalvage()
    {
        Assert.False(new LogIncarnation { Current = "i2", Past = [] }.MaySucceed("x"));
        Assert.False(new LogIncarnation { Current = "i2", Past = [new PastIncarnation("i1", IncarnationEnd.Unclean)] }.MaySucceed("x"));
        Assert.True(new LogIncarnation { Current = "i2", Past = [new PastIncarnation("i1", IncarnationEnd.Salvaged)] }.MaySucceed("x"));
    }

    private static EntryVerdict Decide(PartitionEntry? entry, LogPoint end, bool mayHaveLost = false, LogIncarnation? incarnation = null) =>
        EntryDecision.Decide(new EntryFacts(
            new PartitionId(1), Self, (incarnation ?? new LogIncarnation { Current = "i2", Past = [] }).MaySucceed, entry, end, mayHaveLost));

    private static PartitionEntry Entry(long term, params ReplicaRef[] inSync) => new()
    {
        Term = term,
        Version = 4,
        ReplicationFactor = 1,
        MinInSync = 1,
        Primary = inSync[0].Node,
        InSync = inSync,
        Learners = [],
        WriterId = "w",
        Counter = 1,
    };
}
