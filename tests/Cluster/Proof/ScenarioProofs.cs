using Deucalion.Cluster.Load;
using Deucalion.Cluster.Nodes;
using Deucalion.Cluster.Scenarios;
using Xunit;

namespace Deucalion.Cluster.Proof;

/// <summary>Every scenario lets a right cluster pass and catches one that does anything wrong: nothing that a scenario says is said for lack of looking.</summary>
public sealed class ScenarioProofs
{
    private static readonly LoadOptions Load = new()
    {
        Senders = 2,
        SeriesPerSender = 3,
        Interval = TimeSpan.FromMilliseconds(50),
        ShortestPause = TimeSpan.FromMilliseconds(20),
        LongestPause = TimeSpan.FromMilliseconds(200),
    };

    private static readonly ScenarioTimes Times = new()
    {
        WarmSteps = 30,
        FaultLasts = TimeSpan.FromSeconds(1.5),
        PauseLasts = TimeSpan.FromSeconds(1.5),
        Resume = TimeSpan.FromSeconds(15),
        Hiccup = TimeSpan.FromSeconds(15),
        Goodput = TimeSpan.FromSeconds(15),
        GoodputWindow = TimeSpan.FromSeconds(1),
        Redundancy = TimeSpan.FromSeconds(15),
        Agreement = TimeSpan.FromSeconds(5),
        Ask = TimeSpan.FromMilliseconds(100),
        Look = TimeSpan.FromMilliseconds(100),
    };

    // What a failure has to say: caught for another reason is not caught.
    private static readonly Dictionary<Misbehaviour, string[]> Words = new()
    {
        [Misbehaviour.Forgets] = ["no sample of", "no point at", "neither of that step"],
        [Misbehaviour.AnswersStale] = ["no sample of", "no point at", "neither of that step"],
        [Misbehaviour.ChangesValue] = ["that was never sent", "neither of that step"],
        [Misbehaviour.InventsSample] = ["that was never sent", "neither of that step", "no point at"],
        [Misbehaviour.InventsSeries] = ["a series that was never sent"],
        [Misbehaviour.LeavesOut] = ["no sample of", "no point at"],
        [Misbehaviour.NamesNoReason] = ["without a reason"],
        [Misbehaviour.Refuses] = ["a right request was refused"],
        [Misbehaviour.NeverResumes] = ["writes of every sender", "a push through the proxy failed", "go on"],
        [Misbehaviour.NeverReroutes] = ["go to others"],
        [Misbehaviour.StaysSlow] = ["nine tenths"],
        [Misbehaviour.NeverHeals] = ["replicas in sync"],
        [Misbehaviour.LogsDiffer] = ["replicas are equal"],
        [Misbehaviour.HeadsDiffer] = ["replicas are equal"],
        [Misbehaviour.FailsOnePush] = ["a push through the proxy failed"],
        [Misbehaviour.FailsSomeQueries] = ["a question through the proxy was not answered"],
        [Misbehaviour.MovesTooMuch] = ["replicas have to move"],
    };

    /// <summary>Wrongs that only clients that try once can see.</summary>
    private static readonly Misbehaviour[] ForThoseWhoTryOnce = [Misbehaviour.FailsOnePush, Misbehaviour.FailsSomeQueries];

    /// <summary>Some scenarios at a time: each is mostly waiting.</summary>
    public static IEnumerable<TheoryDataRow<string>> Groups => AllScenarios.List.Select(static s => s.Name).Chunk(4).Select(static c => new TheoryDataRow<string>(string.Join(' ', c)));

    [Theory]
    [Trait("Category", "long")]
    [MemberData(nameof(Groups))]
    public async Task PassesTheRightClusterAndCatchesEveryWrong(string names)
    {
        var scenarios = names.Split(' ').Select(static n => AllScenarios.Named(n));
        var failures = await Task.WhenAll(scenarios.SelectMany(s => Wrongs(s).Select(m => RunAsync(s, m))));
        Assert.True(Array.TrueForAll(failures, static f => f is null), string.Join("\n\n", failures.Where(static f => f is not null)));
    }

    [Fact]
    public async Task CatchesLostSamples_WhenThePrimaryIsKilled() => Assert.Null(await RunAsync(ProcessScenarios.KillPrimary, Misbehaviour.Forgets));

    [Fact]
    public async Task PassesTheRightCluster_WhenThePrimaryIsKilled() => Assert.Null(await RunAsync(ProcessScenarios.KillPrimary, Misbehaviour.None));

    [Fact]
    public async Task CatchesMovesThatNobodyNeeds_WhenTheClusterGrows() => Assert.Null(await RunAsync(OperationScenarios.GrowAndShrink, Misbehaviour.MovesTooMuch));

    [Fact]
    public async Task PassesTheRightCluster_WhenItGrowsAndShrinks() => Assert.Null(await RunAsync(OperationScenarios.GrowAndShrink, Misbehaviour.None));

    [Fact]
    public async Task CatchesAPushThatFails_WhenTheClusterGrows() => Assert.Null(await RunAsync(OperationScenarios.GrowAndShrink, Misbehaviour.FailsOnePush));

    [Fact]
    public async Task CatchesAPartitionThatStandsStill_WhenTwoOfSixAreKilled() => Assert.Null(await RunAsync(ProcessScenarios.TwoOfSix, Misbehaviour.NeverResumes));

    [Fact]
    public async Task CatchesWritesThatAreNotRerouted_WhenTwoOfSixAreKilled() => Assert.Null(await RunAsync(ProcessScenarios.TwoOfSix, Misbehaviour.NeverReroutes));

    private static IEnumerable<Misbehaviour> Wrongs(Scenario scenario) => Enum.GetValues<Misbehaviour>()
        .Where(m => scenario.ThroughProxy || !ForThoseWhoTryOnce.Contains(m))
        .Where(m => scenario.Name == OperationScenarios.GrowAndShrink.Name || m != Misbehaviour.MovesTooMuch)
        .Where(m => scenario.Name == ProcessScenarios.TwoOfSix.Name || m != Misbehaviour.NeverReroutes);

    // Null, or what is wrong with the scenario.
    private static async Task<string?> RunAsync(Scenario scenario, Misbehaviour misbehaviour)
    {
        using var directory = new RunDirectory("proof");
        await using var cluster = await FakeCluster.StartAsync(misbehaviour, scenario.Nodes, Load.Senders);
        try
        {
            var result = await ScenarioRun.RunAsync(scenario with { Load = Load, WithPrometheus = false }, cluster, Times, directory);
            return misbehaviour == Misbehaviour.None && result is { AcknowledgedSamples: > 0, Answers: > 0 } ? null : $"{misbehaviour} is not caught: {result}";
        }
        catch (ScenarioFailedException e)
        {
            return misbehaviour != Misbehaviour.None && Words[misbehaviour].Any(w => e.Message.Split("what happened:")[0].Contains(w, StringComparison.Ordinal))
                ? null
                : $"{misbehaviour} of {scenario.Name} fails otherwise: {e.Message}";
        }
    }
}
