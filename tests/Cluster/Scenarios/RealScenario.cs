using System.Globalization;
using Deucalion.Cluster.Nodes;
using Deucalion.Cluster.Stores;

namespace Deucalion.Cluster.Scenarios;

/// <summary>A scenario against real processes over a real store.</summary>
internal static class RealScenario
{
    public static async Task<ScenarioResult> RunAsync(Scenario scenario, StoreKind store, ScenarioTimes times, string? program = null)
    {
        ScenarioResult? result = null;
        await RunDirectory.UseAsync($"{scenario.Name}-{store}".ToLowerInvariant(), async directory =>
        {
            var replaceAfter = scenario.ReplaceAfter ?? times.ReplaceAfter;
            var settings = new Dictionary<string, string> { ["placement.replace_after"] = $"{replaceAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture)}s" };
            await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Nodes = scenario.Nodes, Store = store, Settings = settings, Program = program }, directory);
            result = await ScenarioRun.RunAsync(scenario, cluster, times, directory);
        });
        return result!;
    }
}
