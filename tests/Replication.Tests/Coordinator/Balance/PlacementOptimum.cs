namespace Deucalion.Replication.Tests.Coordinator.Balance;

/// <summary>The best spread over zones, the most even loads that allow it, and the fewest transfers that lead there: a minimum cost flow.</summary>
/// <param name="Spread">Squares of replicas of a partition in a zone, added up.</param>
/// <param name="Level">Squares of replicas on a node, added up.</param>
/// <param name="Moves">Transfers.</param>
internal sealed record PlacementOptimum(long Spread, long Level, long Moves)
{
    private const long SpreadCost = 1_000_000_000;
    private const long LevelCost = 10_000;

    /// <summary>That of a world as it is now.</summary>
    public static PlacementOptimum Of(PlannedWorld world)
    {
        var entries = world.Entries.ToList();
        var zones = world.Nodes.Select(static node => node.Zone).Distinct().ToList();
        var firstZone = 2 + entries.Count;
        var firstNode = firstZone + (entries.Count * zones.Count);
        var flow = new CostFlow(firstNode + world.Nodes.Count);
        for (var i = 0; i < entries.Count; i++)
        {
            var (partition, entry) = entries[i];
            flow.Add(0, 2 + i, world.Wanted[partition].ReplicationFactor, 0);
            for (var zone = 0; zone < zones.Count; zone++)
            {
                flow.AddSquares(2 + i, firstZone + (i * zones.Count) + zone, world.Wanted[partition].ReplicationFactor, SpreadCost);
            }

            for (var node = 0; node < world.Nodes.Count; node++)
            {
                if (world.Nodes[node].Takes)
                {
                    var isThere = entry.InSyncOn(world.Nodes[node].Id) is not null;
                    flow.Add(firstZone + (i * zones.Count) + zones.IndexOf(world.Nodes[node].Zone), firstNode + node, 1, isThere ? 0 : 1);
                }
            }
        }

        for (var node = 0; node < world.Nodes.Count; node++)
        {
            flow.AddSquares(firstNode + node, 1, entries.Count, LevelCost);
        }

        var cost = flow.Run(0, 1);
        return new PlacementOptimum(cost / SpreadCost, cost % SpreadCost / LevelCost, cost % LevelCost);
    }
}
