using System.Globalization;
using Deucalion.Simulation.Mutants;

namespace Deucalion.Simulation;

/// <summary>Which world is run: all that its course hangs on, as one command names it.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Mutant">The rule that it is run without; null: with all.</param>
/// <param name="OnlyFault">The only fault there is, by number; -1: any.</param>
internal sealed record WorldChoice(ulong Seed, Mutant? Mutant = null, int OnlyFault = -1)
{
    /// <summary>Environment variable that names the seed to replay.</summary>
    public const string SeedVariable = "DEUCALION_SEED";

    /// <summary>Environment variable that names a rule to replay it without.</summary>
    public const string MutantVariable = "DEUCALION_MUTANT";

    /// <summary>Environment variable: the only fault of the world that is replayed, by number.</summary>
    public const string FaultVariable = "DEUCALION_FAULT";

    /// <summary>What runs it again, for a shell. Names of rules may have blanks.</summary>
    public string Command
    {
        get
        {
            var fault = OnlyFault < 0 ? string.Empty : $"{FaultVariable}={OnlyFault} ";
            var mutant = Mutant is null ? string.Empty : $"{MutantVariable}='{Mutant.Rule}' ";
            return $"{SeedVariable}={Seed} {fault}{mutant}dotnet run --project tests/Simulation -- -method '*Replay*'";
        }
    }

    /// <summary>What the variables name; null where they name no seed. A rule that nobody knows is an error: without it another world would be run.</summary>
    public static WorldChoice? Read(Func<string, string?> variable)
    {
        if (variable(SeedVariable) is not { Length: > 0 } seed)
        {
            return null;
        }

        var rule = variable(MutantVariable);
        var fault = variable(FaultVariable);
        return new WorldChoice(
            ulong.Parse(seed, CultureInfo.InvariantCulture),
            rule is { Length: > 0 } ? MutantList.All.Single(mutant => mutant.Rule == rule) : null,
            fault is { Length: > 0 } ? int.Parse(fault, CultureInfo.InvariantCulture) : -1);
    }
}
