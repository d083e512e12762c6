using Xunit;

namespace Deucalion.Simulation.Mutants;

public sealed class MutantTests(ITestOutputHelper output)
{
    private const int MaxSeeds = 3000;

    [Fact]
    public void Survey()
    {
        foreach (var mutant in MutantList.All)
        {
            SeedResult? caught = null;
            for (var seed = 1UL; seed <= MaxSeeds && caught is null; seed++)
            {
                var result = Simulator.Run(seed, mutant.Protocol, mutant.World);
                caught = result.Failure is null ? null : result;
            }

            output.WriteLine(caught is null ? $"{mutant.Rule}: NOT CAUGHT" : $"{mutant.Rule}: seed {caught.Seed}, {caught.Failure} // {caught.Message.Split('\n')[0]}");
        }
    }
}
