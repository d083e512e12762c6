using Deucalion.Cluster.Stores;
using Xunit;

namespace Deucalion.Cluster.Scenarios;

/// <summary>What happens to processes, once, each on one store. <see cref="FaultsLong"/> tries all on all.</summary>
public sealed class ProcessFaultTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_WhenThePrimaryIsKilled() => RunAsync(ProcessScenarios.KillPrimary, StoreKind.Local);

    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_WhenABackupIsKilled() => RunAsync(ProcessScenarios.KillBackup, StoreKind.Local);

    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_WhenTheCoordinatorIsKilled() => RunAsync(ProcessScenarios.KillCoordinator, StoreKind.Bucket);

    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_WhenAPrimaryIsPaused() => RunAsync(ProcessScenarios.Pause, StoreKind.Local);

    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_WhenADiskIsWiped() => RunAsync(ProcessScenarios.WipedDisk, StoreKind.Local);

    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_WhenTwoOfSixNodesInTwoZonesAreKilledAtOnce() => RunAsync(ProcessScenarios.TwoOfSix, StoreKind.Etcd);

    [Fact]
    [Trait("Category", "slow")]
    public Task FailsNoPushAndNoQuery_WhenAllNodesAreRestartedInTurn() => RunAsync(OperationScenarios.RollingRestart, StoreKind.Etcd);

    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_WhenItGrowsAndShrinks() => RunAsync(OperationScenarios.GrowAndShrink, StoreKind.Local);

    private async Task RunAsync(Scenario scenario, StoreKind store) => output.WriteLine((await RealScenario.RunAsync(scenario, store, ScenarioTimes.For(store).Shorter())).ToString());
}
