using Deucalion.Cluster.Load;
using Deucalion.Cluster.Nodes;

namespace Deucalion.Cluster.Scenarios;

/// <summary>What operators do: nobody may notice.</summary>
internal static class OperationScenarios
{
    public static readonly Scenario RollingRestart =
        new("rolling-restart", "every node is stopped and started, one after the other, under clients that try once", RollingRestartAsync) { ThroughProxy = true };

    public static readonly Scenario GrowAndShrink = new("grow-and-shrink", "two nodes are added to three, then two of the first ones are taken out, under clients that try once", GrowAndShrinkAsync)
    {
        ThroughProxy = true,

        // So many partitions that a move too many is one in ten.
        Load = new LoadOptions { Senders = 12, SeriesPerSender = 10 },
    };

    // Of what has to move at least, so much is moved at most.
    private const double MostMoves = 1.1;

    private static async Task RollingRestartAsync(ScenarioRun run)
    {
        foreach (var node in run.Cluster.Nodes)
        {
            run.Mark($"{node.Name} is told to stop");
            await node.StopAsync();
            await node.StartAsync();
            await run.RedundancyReturnsAsync();
        }

        await run.WritesGoOnAsync();
        await run.GoodputReturnsAsync();
    }

    private static async Task GrowAndShrinkAsync(ScenarioRun run)
    {
        var first = run.Cluster.Nodes;
        await run.SettlesAsync();
        await using var moves = run.CountMoves();
        await moves.ReadAsync();
        var before = (moves.Begun, moves.Completed);

        // In each of the two zones the new node has to get half of what the old one has.
        var share = new List<int>();
        foreach (var node in first.Take(2))
        {
            share.Add(await run.ReplicasOnAsync(node) / 2);
        }

        run.Mark("two nodes are added");
        var added = new List<IClusterNode> { await run.Cluster.AddAsync(first[0].Zone), await run.Cluster.AddAsync(first[1].Zone) };
        await run.UntilAsync(
            async () =>
            {
                for (var i = 0; i < added.Count; i++)
                {
                    if (await run.ReplicasOnAsync(added[i]) is var replicas && replicas < share[i])
                    {
                        return $"{added[i].Name} has {replicas} of {share[i]} replicas";
                    }
                }

                return null;
            },
            run.Times.Redundancy,
            "the new nodes have their share");
        await run.WritesGoOnAsync();
        await run.GoodputReturnsAsync();
        await run.RedundancyReturnsAsync();
        await run.SettlesAsync();
        var needed = share.Sum();
        await CheckAsync("grow");
        foreach (var node in first.Take(2))
        {
            needed += await run.ReplicasOnAsync(node);
            run.Mark($"{node.Name} is taken out");
            await run.Cluster.RemoveAsync(node);
            await run.WritesGoOnAsync();
            await run.RedundancyReturnsAsync();
            await run.SettlesAsync();
        }

        await run.GoodputReturnsAsync();
        await CheckAsync("grow and shrink");

        async Task CheckAsync(string what)
        {
            await moves.ReadAsync();
            var (begun, completed) = (moves.Begun - before.Begun, moves.Completed - before.Completed);
            run.Expect(
                begun >= needed && Math.Max(begun, completed) <= needed * MostMoves,
                $"to {what}, {needed} replicas have to move; {begun} moves were begun and {completed} completed");
        }
    }
}
