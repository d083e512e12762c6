using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Simulation.World;

namespace Deucalion.Simulation;

/// <summary>What became of a seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Failure">The invariant that did not hold, or null.</param>
/// <param name="Message">What happened.</param>
/// <param name="World">The world at its end.</param>
internal sealed record SeedResult(ulong Seed, string? Failure, string Message, World.World World);

/// <summary>Runs seeds.</summary>
internal static class Simulator
{
    /// <summary>Environment variable that names the seed to replay.</summary>
    public const string SeedVariable = "DEUCALION_SEED";

    /// <summary>Environment variable that names a rule to replay it without.</summary>
    public const string MutantVariable = "DEUCALION_MUTANT";

    /// <summary>Environment variable: the only fault of the world that is replayed, by number.</summary>
    public const string FaultVariable = "DEUCALION_FAULT";

    /// <summary>Environment variable: how many seeds the long run takes.</summary>
    public const string CountVariable = "DEUCALION_SEED_COUNT";

    public static SeedResult Run(ulong seed, ProtocolRules? protocol = null, WorldRules? rules = null, Trace? trace = null, int onlyFault = -1)
    {
        var world = new World.World(seed, protocol ?? ProtocolRules.All, rules ?? WorldRules.All, trace, onlyFault);
        try
        {
            world.Run();
            return new SeedResult(seed, null, string.Empty, world);
        }
        catch (ViolationException violation)
        {
            return new SeedResult(seed, violation.Invariant, violation.Message, world);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or KeyNotFoundException or NullReferenceException or IndexOutOfRangeException)
        {
            // The protocol ran into a state that it holds to be impossible.
            return new SeedResult(seed, "no impossible state", exception.ToString(), world);
        }
    }

    /// <summary>Runs the seed again and tells its last events.</summary>
    public static string Explain(ulong seed, int lines, ProtocolRules? protocol = null, WorldRules? rules = null, int onlyFault = -1)
    {
        var trace = new Trace(lines);
        var result = Run(seed, protocol, rules, trace, onlyFault);
        return $"""
            seed {seed}: {result.Message}
            {trace}
            replay: {SeedVariable}={seed} dotnet run --project tests/Simulation -- -method '*Replay*'
            """;
    }
}
