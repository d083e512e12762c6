using Deucalion.Common.Identifiers;
using Deucalion.Replication.Membership;
using Deucalion.Replication.Placement;
using Deucalion.Replication.Tests.Membership;
using Xunit;

namespace Deucalion.Replication.Tests.Placement;

public sealed class PlacementPlannerTests
{
    [Fact]
    public void EveryNodeFindsTheSame_InAnyOrderOfNodes()
    {
        var random = new Random(1);
        var records = Enumerable.Range(1, 9).Select(static node => TestNodes.Record(node, state: NodeState.Active)).ToArray();
        var first = View(records);
        for (var i = 0; i < 20; i++)
        {
            random.Shuffle(records);
            Assert.Equal(Plan(first, i, 3), Plan(View(records), i, 3));
        }
    }

    [Fact]
    public void TheNodesOfAPlanAreTheseForEver()
    {
        // Another choice would make the first appends of a partition race between nodes of different versions.
        var view = View([.. Enumerable.Range(1, 6).Select(static node => TestNodes.Record(node, state: NodeState.Active))]);

        Assert.Equal(Recorded, Enumerable.Range(0, 4).Select(partition => string.Join(' ', Plan(view, partition, 3).Select(static id => id.TrimStart('0')))));
    }

    [Fact]
    public void TakesActiveIngestersOnly_OneInEachZone_AsLongAsThereAreZones()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var records = Enumerable.Range(1, random.Next(1, 12)).Select(node => TestNodes.Record(node, $"z{random.Next(4)}", (NodeState)random.Next(3)) with
            {
                Roles = random.Next(4) == 0 ? ["querier"] : ["ingester", "querier"],
            }).ToArray();
            var view = View(records);
            var fit = records.Where(static node => node.State == NodeState.Active && node.IsIngester).ToList();
            var rf = random.Next(1, 5);
            var chosen = PlacementPlanner.NewPartition(view, new PartitionId(random.Next(256)), rf);

            Assert.Equal(Math.Min(rf, fit.Count), chosen.Count);
            Assert.Equal(chosen.Count, chosen.Select(static node => node.Id).Distinct().Count());
            Assert.All(chosen, node => Assert.Contains(node, fit));
            var zones = fit.Select(static node => node.Zone).Distinct().Count();
            Assert.Equal(Math.Min(chosen.Count, zones), chosen.Select(static node => node.Zone).Distinct().Count());
        }
    }

    [Fact]
    public void ANodeThatGoes_ChangesOnlyThePlansItWasIn_AndPrimariesAreSpread()
    {
        var records = Enumerable.Range(1, 10).Select(static node => TestNodes.Record(node, $"z{node}", NodeState.Active)).ToArray();
        var before = View(records);
        var after = View(records[..9]);
        var gone = TestNodes.Name(10);
        var primaries = new Dictionary<string, int>();
        for (var partition = 0; partition < 1000; partition++)
        {
            var plan = Plan(before, partition, 3);
            primaries[plan[0]] = primaries.GetValueOrDefault(plan[0]) + 1;
            Assert.Equal(plan.Where(id => id != gone), Plan(after, partition, 3).Take(plan.Count(id => id != gone)));
        }

        Assert.All(primaries.Values, static count => Assert.InRange(count, 60, 140));
    }

    private static readonly string[] Recorded = ["4 6 5", "4 5 6", "4 5 6", "5 6 4"];

    private static List<string> Plan(ClusterView view, int partition, int rf) =>
        [.. PlacementPlanner.NewPartition(view, new PartitionId(partition), rf).Select(static node => node.Id)];

    private static ClusterView View(NodeRecord[] nodes)
    {
        var views = new ClusterViews(TestNodes.Reader(new MemoryStore().Open(), TimeProvider.System), TestNodes.Metrics(), TimeProvider.System);
        views.Apply(
            new ViewUpdate { Coordinator = TestNodes.Name(1), Token = 1, Since = 0, Seq = 1, Nodes = [.. nodes.Select(static node => new NodeSight(node, true))], Entries = [] }, null);
        return views.Current;
    }
}
