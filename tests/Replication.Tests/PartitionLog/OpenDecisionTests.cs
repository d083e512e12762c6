using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog;
using Xunit;

namespace Replication.Tests.PartitionLog;

public sealed class OpenDecisionTests
{
    private static readonly ReplicaRef Self = new("n1", "i2");
    private static readonly ReplicaRef Other = new("n2", "j1");

    [Fact]
    public void MakesTheEntry_OfANewPartition()
    {
        var decision = Decide(null, LogPoint.Start);

        Assert.Equal((1, 1, 3, 2), (decision.Propose!.Term, decision.Propose.Version, decision.Propose.ReplicationFactor, decision.Propose.MinInSync));
        Assert.Equal([Self], decision.Propose.InSync);
        Assert.NotNull(Decide(null, LogPoint.Start, mayHaveLost: true).Propose);
    }

    [Fact]
    public void TakesANewTerm_NeverTheOneItFinds()
    {
        var decision = Decide(Entry(7, Self, Other), new LogPoint(7, 100, 1));

        Assert.Equal((8, 5), (decision.Propose!.Term, decision.Propose.Version));
        Assert.Equal([Self, Other], decision.Propose.InSync);
    }

    [Fact]
    public void Refuses_WhatItMayNotOpen()
    {
        Assert.Contains("no entry", Decide(null, new LogPoint(1, 5, 0)).Refusal, StringComparison.Ordinal);
        Assert.Contains("is its primary", Decide(Entry(7, Self) with { Primary = "n2" }, LogPoint.Start).Refusal, StringComparison.Ordinal);
        Assert.Contains("--wal.salvage", Decide(Entry(7, Self), LogPoint.Start, mayHaveLost: true).Refusal, StringComparison.Ordinal);
        Assert.Contains("knows only term 7", Decide(Entry(7, Self), new LogPoint(8, 5, 0)).Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(IncarnationEnd.Unclean, true)]
    [InlineData(IncarnationEnd.Salvaged, true)]
    [InlineData(IncarnationEnd.Missing, false)]
    public void ANewIncarnationSucceeds_OnlyWhereTheLossWasAccepted(IncarnationEnd end, bool succeeds)
    {
        var incarnation = new LogIncarnation { Current = "i2", Past = [new PastIncarnation("i1", end)] };
        var decision = Decide(Entry(7, new ReplicaRef("n1", "i1")), LogPoint.Start, incarnation: incarnation);

        Assert.Equal(succeeds, decision.Propose is not null);
        Assert.Equal(succeeds ? [Self] : null, decision.Propose?.InSync);
        Assert.Null(Decide(Entry(7, new ReplicaRef("n1", "i1"), Other), LogPoint.Start, incarnation: incarnation).Propose);
        Assert.Null(Decide(Entry(7, new ReplicaRef("n2", "i1")) with { Primary = "n1" }, LogPoint.Start, incarnation: incarnation).Propose);
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

    private static OpenDecision Decide(PartitionEntry? entry, LogPoint end, bool mayHaveLost = false, LogIncarnation? incarnation = null) =>
        OpenDecision.Decide(new OpenFacts(
            new PartitionId(1), "n1", incarnation ?? new LogIncarnation { Current = "i2", Past = [] }, 3, entry, end, mayHaveLost));

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
