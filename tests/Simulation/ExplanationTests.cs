using System.Text.RegularExpressions;
using Deucalion.Simulation.Mutants;
using Deucalion.Simulation.World;
using Xunit;

namespace Deucalion.Simulation;

/// <summary>
/// A failing seed prints its trace and one command that runs that very world again. None of these tests may have the word in its name
/// that the command selects by.
/// </summary>
public sealed partial class ExplanationTests
{
    private const string TwoRules = "SourcesWait, MissingObjectMeansRetry";

    [Fact]
    public void CommandHasSeedFaultAndMutant()
    {
        var text = Simulator.Explain(new WorldChoice(7, Without(TwoRules), SimFaults.HandOffKind), 5);

        Assert.EndsWith(
            "\nreplay: DEUCALION_SEED=7 DEUCALION_FAULT=11 DEUCALION_MUTANT='SourcesWait, MissingObjectMeansRetry' dotnet run --project tests/Simulation -- -method '*Replay*'",
            text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void CommandHasTheSeedAlone_WhenNothingElseWasInForce() => Assert.EndsWith(
        "\nreplay: DEUCALION_SEED=7 dotnet run --project tests/Simulation -- -method '*Replay*'",
        Simulator.Explain(new WorldChoice(7), 5),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("", -1)]
    [InlineData("TruncatesOnlyNamed", -1)]
    [InlineData("", 0)]
    [InlineData(TwoRules, SimFaults.SilenceKind)]
    public void CommandIsReadAsTheWorldThatItWasMadeFor(string rule, int onlyFault)
    {
        var choice = new WorldChoice(ulong.MaxValue, Without(rule), onlyFault);
        var variables = Variable().Matches(choice.Command)
            .ToDictionary(static match => match.Groups[1].Value, static match => match.Groups[2].Success ? match.Groups[2].Value : match.Groups[3].Value);

        Assert.Equal(choice, WorldChoice.Read(name => variables.GetValueOrDefault(name)));
    }

    [Theory]
    [InlineData("TruncatesOnlyNamed", -1)]
    [InlineData("", SimFaults.HandOffKind)]
    public void TellsWhatHappenedInThatVeryWorld(string rule, int onlyFault)
    {
        var choice = new WorldChoice(1, Without(rule), onlyFault);
        var trace = new Trace(50);
        var result = Simulator.Run(choice, trace);

        Assert.Equal(rule.Length > 0, result.Failure is not null);
        Assert.Equal(onlyFault, result.World.Plan.OnlyFault);
        Assert.StartsWith($"seed 1: {result.Message}\n{trace}", Simulator.Explain(choice, 50), StringComparison.Ordinal);
    }

    [Fact]
    public void NamesNoWorld_WithoutASeed_OrWithARuleThatNobodyKnows()
    {
        Assert.Null(WorldChoice.Read(static _ => null));
        Assert.Null(WorldChoice.Read(static _ => string.Empty));
        Assert.Throws<InvalidOperationException>(() => WorldChoice.Read(static name => name == WorldChoice.FaultVariable ? null : "1"));
    }

    private static Mutant? Without(string rule) => rule.Length == 0 ? null : MutantList.All.Single(mutant => mutant.Rule == rule);

    /// <summary>A variable as a shell takes it, quoted or not.</summary>
    [GeneratedRegex(@"([A-Z_]+)=(?:'([^']*)'|(\S+))")]
    private static partial Regex Variable();
}
