using Deucalion.Cluster.Nodes;
using Deucalion.Cluster.Stores;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Cluster.Scenarios;

/// <summary>From the version before to this one and back. Needs the repository's history, and builds the other version at the first run.</summary>
public sealed class UpgradesLong(ITestOutputHelper output)
{
    [Theory]
    [InlineData(StoreKind.Etcd)]
    [InlineData(StoreKind.Local)]
    [InlineData(StoreKind.S3)]
    [Trait("Category", "long")]
    public Task FailsNoPushAndNoQuery_WhenNodesAreUpgradedInTurn_AndTakenBack(StoreKind store) => RunAsync(static scenarios => scenarios.ThereAndBack, store);

    [Theory]
    [InlineData(StoreKind.Etcd)]
    [InlineData(StoreKind.Local)]
    [InlineData(StoreKind.S3)]
    [Trait("Category", "long")]
    public Task KeepsItsPromises_WhileVersionsAreMixed(StoreKind store) => RunAsync(static scenarios => scenarios.MixedForAWhile, store);

    private async Task RunAsync(Func<UpgradeScenarios, Scenario> choose, StoreKind store)
    {
        var earlier = await PastProgram.BuildAsync("member");
        var result = await RealScenario.RunAsync(choose(new UpgradeScenarios(earlier, NodeProgram.Path)), store, ScenarioTimes.For(store), earlier);
        output.WriteLine(result.ToString());
    }
}
