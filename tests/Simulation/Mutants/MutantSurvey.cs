using System.Collections.Concurrent;
using System.Text;

namespace Deucalion.Simulation.Mutants;

/// <summary>Which seed catches each mutant first, and by which invariant; worked out once.</summary>
internal static class MutantSurvey
{
    /// <summary>A mutant that survives so many seeds is not caught.</summary>
    public const int MaxSeeds = 20_000;

    private static readonly ConcurrentDictionary<string, Lazy<SeedResult?>> Known = new();

    /// <summary>The first seed that catches it, or null.</summary>
    public static SeedResult? Catch(Mutant mutant) => Known.GetOrAdd(mutant.Rule, _ => new Lazy<SeedResult?>(() => Search(mutant))).Value;

    /// <summary>The list as a page.</summary>
    public static string Page()
    {
        var text = new StringBuilder();
        text.AppendLine("# Rules of the protocol, and what happens without each");
        text.AppendLine();
        text.AppendLine("Each safety rule has a switch that only tests can turn off (`ProtocolRules` in the core, `WorldRules` for what lies around it: drivers,");
        text.AppendLine("store, shipping). This list is made by the simulator: for each rule removed alone, the first seed whose world notices, and the invariant");
        text.AppendLine("that it noticed by. `DEUCALION_UPDATE=1 dotnet run --project tests/Simulation -- -method '*ListIsUpToDate*'` makes it anew;");
        text.AppendLine("`DEUCALION_MUTANT=<rule> DEUCALION_SEED=<seed> dotnet run --project tests/Simulation -- -method '*Replay*'` shows one.");
        text.AppendLine();
        text.AppendLine("| rule | section | says | noticed by | seed |");
        text.AppendLine("|---|---|---|---|---|");
        foreach (var mutant in MutantList.All)
        {
            var caught = Catch(mutant);
            text.AppendLine($"| {mutant.Rule} | {mutant.Section} | {mutant.Sentence} | {caught?.Failure ?? "nothing"} | {caught?.Seed.ToString() ?? "-"} |");
        }

        return text.ToString();
    }

    private static SeedResult? Search(Mutant mutant)
    {
        for (var seed = 1UL; seed <= MaxSeeds; seed++)
        {
            var result = Simulator.Run(new WorldChoice(seed, mutant));
            if (result.Failure is not null)
            {
                return result;
            }
        }

        return null;
    }
}
