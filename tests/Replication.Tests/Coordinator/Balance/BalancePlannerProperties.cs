using Deucalion.Replication.Coordinator.Balance;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Placement;
using Xunit;

namespace Deucalion.Replication.Tests.Coordinator.Balance;

/// <summary>Plans of random clusters, carried out to the end, against the optimum of a minimum cost flow.</summary>
public sealed class BalancePlannerProperties
{
    private static readonly BalanceLimits Limits = new();

    [Fact]
    public void EndsSpread_Even_AndWithHardlyMoreMovesThanNeeded() => Check(0, 1500);

    [Fact]
    [Trait("Category", "slow")]
    public void EndsSpread_Even_AndWithHardlyMoreMovesThanNeeded_InMoreClusters() => Check(10_000, 20_000);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void OneNodeMoreOrLess_NeedsNoMoreMovesThanThat(int change)
    {
        var moved = 0L;
        for (var seed = 0; seed < 700; seed++)
        {
            // A cluster as it is in use: spread, even, at rest. Then a node comes, leaves, or dies.
            var random = new Random(seed);
            var world = Make(random);
            Assert.True(world.Settle(), $"seed {seed}: does not come to rest");
            var takers = world.Nodes.Where(static node => node.Takes).ToList();
            if (change == 0)
            {
                world.Nodes.Add(PlannedWorld.Node(world.Nodes.Count + 1, takers[random.Next(takers.Count)].Zone));
            }
            else if (takers.Count > 4)
            {
                var chosen = takers[random.Next(takers.Count)];
                world.Nodes[world.Nodes.IndexOf(chosen)] = chosen with { IsAlive = change == 1, Takes = false, Leads = false, Empties = true };
                world.ReplaceDeadPrimaries();
            }

            var optimum = PlacementOptimum.Of(world);
            var before = world.Transfers;
            Assert.True(world.Settle(plan => CheckBounds(seed, world, plan)), $"seed {seed}: does not come to rest");
            CheckReplicas(seed, world, optimum);
            CheckPrimaries(seed, world);
            var moves = world.Transfers - before;
            Assert.True(moves <= Math.Ceiling(optimum.Moves * 1.1), $"seed {seed}: {moves} moves, {optimum.Moves} are needed");
            moved += moves;
        }

        Assert.True(moved > 700);
    }

    [Fact]
    public void ComesToRest_WhenCoordinatorsForgetWhatWasBegun()
    {
        for (var seed = 0; seed < 1500; seed++)
        {
            var random = new Random(seed);
            var world = Make(random);
            Assert.True(
                world.Settle(_ =>
                {
                    if (random.Next(3) == 0)
                    {
                        world.ForgetMoves();
                    }
                }),
                $"seed {seed}: does not come to rest");
            CheckReplicas(seed, world, PlacementOptimum.Of(world));
        }
    }

    private static void Check(int first, int count)
    {
        var moved = 0L;
        var needed = 0L;
        for (var seed = first; seed < first + count; seed++)
        {
            var world = Make(new Random(seed));
            var optimum = PlacementOptimum.Of(world);
            Assert.True(world.Settle(plan => CheckBounds(seed, world, plan)), $"seed {seed}: does not come to rest");

            Assert.True(world.Plan().Values.All(static plan => plan.IsSettled), $"seed {seed}: at rest, but not settled");
            CheckReplicas(seed, world, optimum);
            CheckPrimaries(seed, world);
            Assert.True(world.Transfers <= (optimum.Moves * 1.1) + 2, $"seed {seed}: {world.Transfers} moves, {optimum.Moves} are needed");
            moved += world.Transfers;
            needed += optimum.Moves;
        }

        Assert.True(moved <= needed * 1.1, $"{moved} moves where {needed} are needed");
        TestContext.Current.SendDiagnosticMessage("{0} moves, {1} needed", moved, needed);
    }

    private static PlannedWorld Make(Random random)
    {
        var zones = random.Next(1, 5);
        var nodes = new List<PlannerNode>();
        var count = random.Next(2, 11);
        for (var id = 1; id <= count; id++)
        {
            var fate = id == 1 ? 9 : random.Next(10);
            nodes.Add(PlannedWorld.Node(id, $"z{random.Next(zones)}", isAlive: fate != 0, empties: fate <= 1));
        }

        var world = new PlannedWorld(nodes, Limits);
        var takers = nodes.Count(static node => node.Takes);
        var numbers = ReplicaNumbers.WithMajority(Math.Min(takers, random.Next(1, 5)));
        var habit = random.Next(3);
        for (var partition = 0; partition < random.Next(1, 40); partition++)
        {
            // Members anywhere, or only on the first nodes, as before further ones joined; the primary is alive.
            var known = Enumerable.Range(1, habit == 0 ? count : Math.Max(numbers.ReplicationFactor, count / 2)).ToArray();
            random.Shuffle(known);
            var members = known.Take(numbers.ReplicationFactor).OrderByDescending(id => nodes[id - 1].IsAlive).ToArray();
            if (nodes[members[0] - 1].IsAlive)
            {
                world.Add(partition, numbers, members);
            }
        }

        return world;
    }

    private static void CheckBounds(int seed, PlannedWorld world, IReadOnlyDictionary<Common.Identifiers.PartitionId, PartitionPlan> plan)
    {
        var learners = world.Entries.Values.SelectMany(static entry => entry.Learners).ToList();
        var begun = new List<PlaceStep>();
        foreach (var (partition, planned) in plan)
        {
            if (planned.Step is PlaceStep step && world.Entries[partition].LearnerOn(step.Node) is null && world.Entries[partition].InSyncOn(step.Node) is null)
            {
                begun.Add(step);
                Assert.True(world.Nodes.Single(node => node.Id == step.Node).Takes, $"seed {seed}: {step.Node} takes no replicas");
            }
        }

        foreach (var group in begun.GroupBy(static step => step.Node))
        {
            var into = group.Count() + learners.Count(learner => learner.Node == group.Key);
            Assert.True(into <= Limits.IntoNodeAtOnce, $"seed {seed}: {into} replicas at once to {group.Key}");
        }

        var moves = begun.Count(static step => step.Reason != StepReason.Repair);
        Assert.True(moves == 0 || moves + learners.Count <= Limits.MovesAtOnce, $"seed {seed}: {moves} moves beside {learners.Count}");
        Assert.True(plan.Values.Count(static planned => planned.Step is HandOffStep) <= Limits.HandOffsAtOnce, $"seed {seed}: too many hand-offs at once");
    }

    private static void CheckReplicas(int seed, PlannedWorld world, PlacementOptimum optimum)
    {
        foreach (var (partition, entry) in world.Entries)
        {
            Assert.True(entry.InSync.Length == world.Wanted[partition].ReplicationFactor && entry.Learners.IsEmpty, $"seed {seed}: partition {partition} has {entry}");
            Assert.Equal(world.Wanted[partition].MinInSync, entry.MinInSync);
            Assert.All(entry.InSync, replica => Assert.False(NodeOf(world, replica.Node).Empties, $"seed {seed}: {replica} is still there"));
        }

        Assert.Equal((seed, optimum.Spread), (seed, world.Entries.Values.Sum(entry => SquaresOfZones(world, entry))));
        var level = world.Nodes.Sum(node => (long)world.LoadOf(node.Id) * world.LoadOf(node.Id));
        Assert.True(level == optimum.Level, $"seed {seed}: loads {string.Join(' ', world.Nodes.Select(node => world.LoadOf(node.Id)))}, {level} instead of {optimum.Level}");
    }

    private static void CheckPrimaries(int seed, PlannedWorld world)
    {
        var entries = world.Entries.Values.ToList();
        var flow = new CostFlow(2 + entries.Count + world.Nodes.Count);
        for (var i = 0; i < entries.Count; i++)
        {
            flow.Add(0, 2 + i, 1, 0);
            foreach (var replica in entries[i].InSync)
            {
                flow.Add(2 + i, 2 + entries.Count + world.Nodes.FindIndex(node => node.Id == replica.Node), 1, 0);
            }
        }

        for (var i = 0; i < world.Nodes.Count; i++)
        {
            flow.AddSquares(2 + entries.Count + i, 1, entries.Count, 1);
        }

        Assert.Equal((seed, flow.Run(0, 1)), (seed, world.Nodes.Sum(node => (long)world.LeadsOf(node.Id) * world.LeadsOf(node.Id))));
    }

    private static long SquaresOfZones(PlannedWorld world, TableEntry entry) =>
        entry.InSync.GroupBy(replica => NodeOf(world, replica.Node).Zone).Sum(static zone => (long)zone.Count() * zone.Count());

    private static PlannerNode NodeOf(PlannedWorld world, NodeId node) => world.Nodes.Single(known => known.Id == node);
}
