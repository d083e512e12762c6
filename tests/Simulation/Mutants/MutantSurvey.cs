using System.Collections.Concurrent;
using System.Text;

namespace Deucalion.Simulation.Mutants;

/// <summary>Which seed catches each mutant first, and by which invariant; worked out once.</summary>
internal static class MutantSurvey
{
    /// <summary>A mutant that survives so many seeds is not caught.</summary>
    public const int MaxSeeds = 20_000;

    /// <summary>How many worlds a rule that another one covers for is removed from alone.</summary>
    private const int AloneSeeds = 2000;

    private static readonly ConcurrentDictionary<string, Lazy<SeedResult?>> Known = new();

    /// <summary>The first seed that catches it, or null.</summary>
    public static SeedResult? Catch(Mutant mutant) => Known.GetOrAdd(mutant.Rule, _ => new Lazy<SeedResult?>(() => Search(mutant, MaxSeeds))).Value;

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
            text.AppendLine($"| {mutant.Rule} | {mutant.Section} | {mutant.Sentence}{string.Concat(mutant.Alone.Select(Alone))} | {caught?.Failure ?? "nothing"} | {caught?.Seed.ToString() ?? "-"} |");
        }

        text.AppendLine();
        text.AppendLine("Rules that the simulator has no world for, since it has no bytes; tests of the code that carries them out show them:");
        text.AppendLine();
        text.AppendLine("| section | says | test |");
        text.AppendLine("|---|---|---|");
        foreach (var (section, sentence, test) in GuardedElsewhere.All)
        {
            text.AppendLine($"| {section} | {sentence} | {test} |");
        }

        return text.ToString();
    }

    private static string Alone(Mutant mutant) =>
        $"; {mutant.Rule} removed alone: {(Search(mutant, AloneSeeds) is { } caught ? $"{caught.Failure}, seed {caught.Seed}" : $"the other rule covers for it, nothing in {AloneSeeds} seeds")}";

    /// <summary>An invariant says more than that the protocol ran into a state that it refuses: that one counts only where so many more worlds show no other.</summary>
    private static SeedResult? Search(Mutant mutant, int seeds)
    {
        SeedResult? refused = null;
        for (var seed = 1UL; seed <= (ulong)seeds; seed++)
        {
            var result = Simulator.Run(new WorldChoice(seed, mutant));
            if (result.Failure is not (null or Simulator.Impossible))
            {
                return result;
            }

            refused ??= result.Failure is null ? null : result;
            if (refused is not null && seed - refused.Seed > AloneSeeds)
            {
                return refused;
            }
        }

        return refused;
    }
}
