using System.Globalization;
using Deucalion.Simulation.World;
using Xunit;

namespace Deucalion.Simulation;

/// <summary>The protocol under everything that can happen to it; invariants are looked at after every step.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    [Fact]
    public void HoldsInvariantsAndRecovers_ForManySeeds() => RunSeeds(1, 2000);

    [Fact]
    [Trait("Category", "long")]
    public void HoldsInvariantsAndRecovers_ForVeryManySeeds() => RunSeeds(100_001, Count(20_000));

    /// <summary>Planned changes are not noticed: no request has an unknown outcome, none waits longer than a client's patience.</summary>
    [Theory]
    [InlineData(SimFaults.HandOffKind)]
    [InlineData(SimFaults.MoveKind)]
    [InlineData(SimFaults.AsideKind)]
    public void ClientsSeeNothing_OfPlannedChanges(int onlyFault)
    {
        var opened = 0;
        var longest = 0L;
        foreach (var world in Worlds(1, 100, onlyFault))
        {
            longest = Math.Max(longest, world.Clients.LongestWait);
            opened += world.Opened;
        }

        output.WriteLine($"{opened} terms opened, longest wait {longest} ms");
    }

    /// <summary>A checkpoint may take long, and its receiver be silent meanwhile: what follows is still there when it has been installed.</summary>
    [Fact]
    public void NoCheckpointIsSentInVain_WhereNodesStandStillForAWhile()
    {
        var installed = 0;
        foreach (var world in Worlds(1, 1000, SimFaults.SilenceKind))
        {
            installed += world.CheckpointsInstalled;
        }

        Assert.True(installed > 0, "no checkpoint was installed");
        output.WriteLine($"{installed} checkpoints installed");
    }

    /// <summary>Runs the one world that the environment names, with its whole trace.</summary>
    [Fact]
    public void Replay()
    {
        if (WorldChoice.Read(Environment.GetEnvironmentVariable) is { } choice)
        {
            output.WriteLine(Simulator.Explain(choice, int.MaxValue));
            Assert.Null(Simulator.Run(choice).Failure);
        }
    }

    private static int Count(int usual) =>
        Environment.GetEnvironmentVariable(Simulator.CountVariable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;

    /// <summary>The worlds of so many seeds at their end. The first one that fails ends the test with its trace and the command that shows it again.</summary>
    private static IEnumerable<World.World> Worlds(ulong first, int count, int onlyFault)
    {
        for (var i = 0; i < count; i++)
        {
            var choice = new WorldChoice(first + (ulong)i, OnlyFault: onlyFault);
            var result = Simulator.Run(choice);
            if (result.Failure is not null)
            {
                Assert.Fail(Simulator.Explain(choice, 200));
            }

            yield return result.World;
        }
    }

    private void RunSeeds(ulong first, int count)
    {
        var steps = 0L;
        var acknowledged = 0L;
        var answers = 0L;
        var opened = 0L;
        var changes = 0L;
        var newKinds = 0L;
        var began = TimeProvider.System.GetTimestamp();
        foreach (var world in Worlds(first, count, onlyFault: -1))
        {
            steps += world.Steps;
            acknowledged += world.Ledger.Acknowledgements;
            answers += world.Ledger.Answers;
            opened += world.Opened;
            changes += world.Versions.Changes;
            newKinds += world.Versions.NewKinds;
        }

        output.WriteLine($"{changes} restarts with another version, {newKinds} records in kinds that not all versions know");
        output.WriteLine($"{count} seeds, {steps} steps, {acknowledged} acknowledgements, {answers} answers, {opened} terms opened in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F1} s");
    }
}
