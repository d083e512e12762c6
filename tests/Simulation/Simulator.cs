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
    /// <summary>Failure of a run in which the protocol came to a state that it holds to be impossible.</summary>
    public const string Impossible = "no impossible state";

    /// <summary>Environment variable: how many seeds the long run takes.</summary>
    public const string CountVariable = "DEUCALION_SEED_COUNT";

    public static SeedResult Run(WorldChoice choice, Trace? trace = null)
    {
        var (protocol, rules) = (choice.Mutant?.Protocol ?? ProtocolRules.All, choice.Mutant?.World ?? WorldRules.All);
        return Run(choice.Seed, new World.World(choice.Seed, protocol, rules, trace, choice.OnlyFault));
    }

    /// <summary>Runs a world that has been made of that seed.</summary>
    public static SeedResult Run(ulong seed, World.World world)
    {
        try
        {
            world.Run();
            CalmWorld.Check(world);
            return new SeedResult(seed, null, string.Empty, world);
        }
        catch (ViolationException violation)
        {
            return new SeedResult(seed, violation.Invariant, violation.Message, world);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or KeyNotFoundException or NullReferenceException or IndexOutOfRangeException)
        {
            return new SeedResult(seed, Impossible, exception.ToString(), world);
        }
    }

    /// <summary>Runs the world again and tells its last events.</summary>
    public static string Explain(WorldChoice choice, int lines)
    {
        var trace = new Trace(lines);
        var result = Run(choice, trace);
        return $"""
            seed {choice.Seed}: {result.Message}
            {trace}
            replay: {choice.Command}
            """;
    }
}
