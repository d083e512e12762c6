using System.Globalization;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Simulation.Mutants;
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
        var worst = 0UL;
        for (var seed = 1UL; seed <= 100; seed++)
        {
            var world = new World.World(seed, ProtocolRules.All, WorldRules.All, null, onlyFault);
            world.Run();
            Assert.Equal(0, world.RequestsLost);
            (longest, worst) = world.Clients.LongestWait > longest ? (world.Clients.LongestWait, seed) : (longest, worst);
            opened += world.Opened;
        }

        Assert.True(longest < 1500, $"a client waited {longest} ms, seed {worst}");
        output.WriteLine($"{opened} terms opened, longest wait {longest} ms");
    }

    /// <summary>A checkpoint may take long, and its receiver be silent meanwhile: what follows is still there when it has been installed.</summary>
    [Fact]
    public void NoCheckpointIsSentInVain_WhereNodesStandStillForAWhile()
    {
        var installed = 0;
        for (var seed = 1UL; seed <= 1000; seed++)
        {
            var world = new World.World(seed, ProtocolRules.All, WorldRules.All, null, SimFaults.SilenceKind);
            world.Run();
            Assert.True(world.CheckpointsInVain == 0, $"{world.CheckpointsInVain} of {world.CheckpointsInstalled} checkpoints led nowhere, seed {seed}");
            installed += world.CheckpointsInstalled;
        }

        Assert.True(installed > 0, "no checkpoint was installed");
        output.WriteLine($"{installed} checkpoints installed");
    }

    /// <summary>Runs the one seed that the environment names, without the rule that it may name, with its whole trace.</summary>
    [Fact]
    public void Replay()
    {
        if (Environment.GetEnvironmentVariable(Simulator.SeedVariable) is not { Length: > 0 } text)
        {
            return;
        }

        var seed = ulong.Parse(text, CultureInfo.InvariantCulture);
        var rule = Environment.GetEnvironmentVariable(Simulator.MutantVariable);
        var mutant = MutantList.All.FirstOrDefault(mutant => mutant.Rule == rule);
        var fault = int.Parse(Environment.GetEnvironmentVariable(Simulator.FaultVariable) ?? "-1", CultureInfo.InvariantCulture);
        output.WriteLine(Simulator.Explain(seed, int.MaxValue, mutant?.Protocol, mutant?.World, fault));
        Assert.Null(Simulator.Run(seed, mutant?.Protocol, mutant?.World, null, fault).Failure);
    }

    private static int Count(int usual) =>
        Environment.GetEnvironmentVariable(Simulator.CountVariable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;

    private void RunSeeds(ulong first, int count)
    {
        var steps = 0L;
        var acknowledged = 0L;
        var answers = 0L;
        var opened = 0L;
        var changes = 0L;
        var newKinds = 0L;
        var began = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            var result = Simulator.Run(first + (ulong)i);
            if (result.Failure is not null)
            {
                Assert.Fail(Simulator.Explain(result.Seed, 200));
            }

            steps += result.World.Steps;
            acknowledged += result.World.Ledger.Acknowledgements;
            answers += result.World.Ledger.Answers;
            opened += result.World.Opened;
            changes += result.World.Versions.Changes;
            newKinds += result.World.Versions.NewKinds;
        }

        output.WriteLine($"{changes} restarts with another version, {newKinds} records in kinds that not all versions know");
        output.WriteLine($"{count} seeds, {steps} steps, {acknowledged} acknowledgements, {answers} answers, {opened} terms opened in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F1} s");
    }
}
