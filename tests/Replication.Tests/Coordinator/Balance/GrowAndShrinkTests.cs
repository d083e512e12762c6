using Deucalion.Replication.Coordinator.Balance;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Placement;
using Xunit;

namespace Deucalion.Replication.Tests.Coordinator.Balance;

/// <summary>Three nodes become five and three again, with as many partitions as a cluster has: at most a tenth more is moved than balance needs.</summary>
public sealed class GrowAndShrinkTests
{
    private const int Partitions = 96;
    private const double Most = 1.1;

    private static readonly (int One, int Other)[] Pairs = [(1, 2), (4, 5), (3, 4), (1, 5)];

    /// <summary>Zones of the two that come, by the zones of the three that are there, or others.</summary>
    [Theory]
    [InlineData("z0", "z1")]
    [InlineData("z2", "z2")]
    [InlineData("z1", "z3")]
    [InlineData("z3", "z4")]
    public void MovesWhatBalanceNeeds(string first, string second)
    {
        for (var seed = 0; seed < 3; seed++)
        {
            var random = new Random(seed);
            var world = Make(random);
            var lead = random.Next(6);

            // One of the two is there a little earlier, and has begun to take its share, as where processes are started one after the other.
            var grown = new PlannedWorld([.. world.Nodes, PlannedWorld.Node(4, first), PlannedWorld.Node(5, second)], world);
            var needed = PlacementOptimum.Of(grown).Moves;
            world.Nodes.Add(PlannedWorld.Node(4, first));
            world.Rounds(lead);
            world.Nodes.Add(PlannedWorld.Node(5, second));
            Assert.True(world.Settle(), "does not come to rest");
            CheckEven(world);
            Assert.True(world.Transfers > 0 && world.Transfers <= needed * Most, $"seed {seed}: {world.Transfers} moves to grow, {needed} are needed");

            // Two leave, at once or one after the other; three zones are left or, where another node is alone in its own, fewer.
            var leaving = random.GetItems(Pairs, 1)[0];
            if (seed % 2 == 0)
            {
                Drain(world, leaving.One, leaving.Other);
                needed += PlacementOptimum.Of(world).Moves;
                Assert.True(world.Settle(), "does not come to rest");
            }
            else
            {
                foreach (var node in (int[])[leaving.One, leaving.Other])
                {
                    Drain(world, node);
                    needed += PlacementOptimum.Of(world).Moves;
                    Assert.True(world.Settle(), "does not come to rest");
                }
            }

            CheckEven(world);
            Assert.Equal(Partitions * 3, world.Nodes.Where(static node => node.Takes).Sum(node => world.LoadOf(node.Id)));
            Assert.True(world.Transfers <= needed * Most, $"seed {seed}: {world.Transfers} moves to grow and shrink, {needed} are needed");
            TestContext.Current.SendDiagnosticMessage("{0} and {1}, seed {2}: {3} moves, {4} needed", first, second, seed, world.Transfers, needed);
        }
    }

    /// <summary>Node 5 has no room on its disk: in what it has it is a learner that stays behind.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(2)]
    public void ANodeIsEmptied_WhileOneWithoutRoomCannotCatchUp(int drained)
    {
        var world = new PlannedWorld([.. Enumerable.Range(1, 5).Select(static id => PlannedWorld.Node(id, $"z{id}"))], new BalanceLimits());
        for (var partition = 0; partition < 24; partition++)
        {
            world.Add(partition, ReplicaNumbers.WithMajority(3), partition % 2 == 0 ? [1, 3, 5] : [2, 3, 4]);
        }

        var full = PlannedWorld.Id(5);
        world.Nodes[4] = world.Nodes[4] with { Takes = false, Leads = false };
        world.Stuck.Add(full);
        foreach (var (partition, entry) in world.Entries.Where(item => item.Value.InSyncOn(full) is not null).ToList())
        {
            world.Entries[partition] = entry.WithReplicas(entry.InSync.Remove(new ReplicaId(full, 1)), [new ReplicaId(full, 1)]);
        }

        Drain(world, drained);
        world.Rounds(60);

        Assert.Equal(0, world.LoadOf(PlannedWorld.Id(drained)));
    }

    private static PlannedWorld Make(Random random)
    {
        var world = new PlannedWorld([.. Enumerable.Range(1, 3).Select(static id => PlannedWorld.Node(id, $"z{id - 1}"))], new BalanceLimits());
        for (var partition = 0; partition < Partitions; partition++)
        {
            int[] members = [1, 2, 3];
            random.Shuffle(members);
            world.Add(partition, ReplicaNumbers.WithMajority(3), members);
        }

        Assert.True(world.Settle(), "does not come to rest");
        Assert.Equal(0, world.Transfers);
        return world;
    }

    private static void Drain(PlannedWorld world, params int[] nodes)
    {
        foreach (var node in nodes)
        {
            world.Nodes[node - 1] = world.Nodes[node - 1] with { Takes = false, Leads = false, Empties = true };
        }
    }

    /// <summary>No way is left to a more even placement.</summary>
    private static void CheckEven(PlannedWorld world)
    {
        var optimum = PlacementOptimum.Of(world);
        Assert.Equal((0, optimum.Level), (optimum.Moves, world.Nodes.Sum(node => (long)world.LoadOf(node.Id) * world.LoadOf(node.Id))));
    }
}
