using Deucalion.Cluster.Load;
using Deucalion.Cluster.Nodes;
using Deucalion.Testing.Processes;

namespace Deucalion.Cluster.Scenarios;

/// <summary>One node that is alone, under load.</summary>
internal static class SingleNode
{
    public static readonly Scenario Plain = new("plain", "load alone", static _ => Task.CompletedTask) { Nodes = 1, WithPrometheus = false };
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    /// <summary>Runs a test with a node and its load.</summary>
    public static Task UseAsync(string name, Scenario scenario, Func<IClusterNode, ScenarioParts, Task> test, string? program = null) => RunDirectory.UseAsync(name, async directory =>
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Nodes = 1, Store = null, Program = program }, directory);
        await using var parts = await ScenarioParts.StartAsync(scenario, cluster, new ScenarioTimes(), directory);
        await test(cluster.Nodes[0], parts);
    });

    /// <summary>Every sender is acknowledged for a while, at its own pace.</summary>
    public static async Task GoesOnAsync(ScenarioParts parts)
    {
        var begun = parts.Clock.Now;
        await Eventually.TrueAsync(
            () => Task.FromResult(Goodput.ReturnedAt(parts.Journal.Deliveries, parts.Load.Options, 0.9, TimeSpan.FromSeconds(1), begun, parts.Clock.Now) is not null),
            Soon,
            () => $"writes go on; last failures {string.Join("; ", parts.Journal.Failures.TakeLast(3))}");
    }

    /// <summary>Whether the node answers with every acknowledged sample; what it answers wrongly is a promise broken.</summary>
    public static async Task<bool> EverythingIsThereAsync(IClusterNode node, ScenarioParts parts)
    {
        foreach (var view in parts.Load.Views)
        {
            if (!await parts.NodeChecker.CheckAsync(node.Name, node.Url, view.Sender, 0, view.Sent, points: false, CancellationToken.None))
            {
                return false;
            }
        }

        return true;
    }
}
