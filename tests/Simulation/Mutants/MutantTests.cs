using Deucalion.Replication.PartitionLog.Core;
using Xunit;

namespace Deucalion.Simulation.Mutants;

/// <summary>No rule of the protocol can be lost unnoticed.</summary>
[Trait("Category", "slow")]
public sealed class MutantTests(ITestOutputHelper output)
{
    public static TheoryData<string> Rules => new(MutantList.All.Select(static mutant => mutant.Rule));

    [Theory]
    [MemberData(nameof(Rules))]
    public void IsCaught_WithoutRule(string rule)
    {
        var mutant = MutantList.All.Single(mutant => mutant.Rule == rule);
        var caught = MutantSurvey.Catch(mutant);
        Assert.True(caught is not null, $"{MutantSurvey.MaxSeeds} seeds notice nothing without {rule}: {mutant.Sentence}");
        output.WriteLine($"seed {caught.Seed}: {caught.Message}");
    }

    [Fact]
    public void EverySwitchIsInTheList()
    {
        var switches = typeof(ProtocolRules).GetProperties().Concat(typeof(WorldRules).GetProperties()).Where(static p => p.PropertyType == typeof(bool)).Select(static p => p.Name);
        var listed = MutantList.All.SelectMany(static mutant => mutant.Rule.Split(", "));
        Assert.Equal(switches.Order(StringComparer.Ordinal), listed.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ListIsUpToDate()
    {
        var page = MutantSurvey.Page();
        if (Environment.GetEnvironmentVariable("DEUCALION_UPDATE") == "1")
        {
            var directory = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(directory, "Cluster.sln")))
            {
                directory = Path.GetDirectoryName(directory)!;
            }

            File.WriteAllText(Path.Combine(directory, "docs", "protocol-mutants.md"), page);
            return;
        }

        Assert.Equal(page, File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "protocol-mutants.md")));
    }
}
