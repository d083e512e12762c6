using Deucalion.Cluster.Stores;
using Xunit;

namespace Deucalion.Cluster.Scenarios;

/// <summary>What happens to links, stores, disks and clocks, once, each on one store. <see cref="FaultsLong"/> tries all on all.</summary>
public sealed class MachineFaultTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_WhenTwoNodesAreCutOffFromEachOther() => RunAsync(NetworkScenarios.CutPair, StoreKind.Local);

    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_WhenAPrimaryIsCutOffFromItsPeers() => RunAsync(NetworkScenarios.Isolated, StoreKind.Local);

    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_WhenWhatAPrimarySendsIsLost() => RunAsync(NetworkScenarios.OneWay, StoreKind.Local);

    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_WhenWhatIsSentToAPrimaryIsLost() => RunAsync(NetworkScenarios.OneWayBack, StoreKind.Local);

    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_WhenALinkIsSlow() => RunAsync(NetworkScenarios.SlowLink, StoreKind.Local);

    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_WhenAPrimaryIsCutOffFromTheStore() => RunAsync(NetworkScenarios.CutFromStore, StoreKind.S3);

    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_WhenTheStoreDies() => RunAsync(NetworkScenarios.StoreDies, StoreKind.S3);

    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_WhenADiskIsFull() => RunAsync(MachineScenarios.DiskFull, StoreKind.Local);

    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_WhenAClockJumps() => RunAsync(MachineScenarios.ClockJump, StoreKind.Etcd);

    private async Task RunAsync(Scenario scenario, StoreKind store) => output.WriteLine((await RealScenario.RunAsync(scenario, store, ScenarioTimes.For(store).Shorter())).ToString());
}
