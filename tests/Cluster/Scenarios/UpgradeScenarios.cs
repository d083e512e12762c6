using Deucalion.Cluster.Nodes;

namespace Deucalion.Cluster.Scenarios;

/// <summary>Two versions of the program in one cluster, which begins with the earlier one.</summary>
/// <param name="earlier">Program of the earlier version.</param>
/// <param name="later">Program of the later one.</param>
internal sealed class UpgradeScenarios(string earlier, string later)
{
    public Scenario ThereAndBack { get; } = new(
        "upgrade-and-back", "every node is taken to the later version, one after the other, and then back, under clients that try once", run => ThereAndBackAsync(run, earlier, later))
    {
        ThroughProxy = true,
    };

    public Scenario MixedForAWhile { get; } = new(
        "mixed-versions", "one node of three has the later version; a primary and the coordinator of each version are killed", run => MixedAsync(run, later));

    private static async Task ThereAndBackAsync(ScenarioRun run, string earlier, string later)
    {
        foreach (var program in new[] { later, earlier })
        {
            foreach (var node in run.Cluster.Nodes)
            {
                await InstallAsync(run, node, program);
            }

            await run.WritesGoOnAsync();
            await run.GoodputReturnsAsync();
        }
    }

    private static async Task MixedAsync(ScenarioRun run, string later)
    {
        var changed = run.Cluster.Nodes[0];
        await InstallAsync(run, changed, later);
        var kept = run.Cluster.Nodes.Where(node => node != changed).ToList();
        foreach (var nodes in new IReadOnlyList<IClusterNode>[] { [changed], kept, [changed] })
        {
            await FallsAsync(run, await run.PrimaryAmongAsync(nodes), "a primary");
            await FallsAsync(run, await run.CoordinatorAsync(), "the coordinator");
        }
    }

    private static async Task InstallAsync(ScenarioRun run, IClusterNode node, string program)
    {
        run.Mark($"{node.Name} is told to stop, and starts with {program}");
        await node.StopAsync();
        node.Program = program;
        await node.StartAsync();
        await run.RedundancyReturnsAsync();
    }

    private static async Task FallsAsync(ScenarioRun run, IClusterNode victim, string what)
    {
        run.Mark($"{victim.Name}, {what}, is killed");
        await victim.KillAsync();
        await run.WritesResumeAsync();
        await run.GoodputReturnsAsync();
        await victim.StartAsync();
        await run.RedundancyReturnsAsync();
    }
}
