using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Tests.Membership;
using Deucalion.Replication.Transport;
using Xunit;

namespace Deucalion.Replication.Tests.Coordinator;

/// <summary>Whole clusters: membership, views, coordinator and planner together.</summary>
public sealed class ClusterTests
{
    [Fact]
    public async Task NodesBecomeActive_UnderOneCoordinator_AndSeeEachOther()
    {
        await using var cluster = await TestCluster.StartAsync(4);
        cluster.Create(1);
        await cluster.UntilAsync(() => cluster.Up.All(static node => node.View.EntryOf(new PartitionId(1)) is not null), 5, "all know the new partition");

        Assert.Single(cluster.Up, static node => node.Metric("deucalion_cluster_is_coordinator") > 0);
        Assert.All(cluster.Up, node => Assert.Equal(cluster.Coordinator!.Name, node.View.Coordinator));
        Assert.All(cluster.Up, node => Assert.True(node.View.Age(cluster.Time) < TimeSpan.FromSeconds(9)));
        await cluster.PassAsync(3);
        Assert.Equal(4, cluster.Coordinator!.Metric("deucalion_cluster_nodes", "active"));
        Assert.Equal(1, cluster.Coordinator!.Metric("deucalion_cluster_partitions", "healthy"));
    }

    [Fact]
    public async Task AnyNodeTellsHowFarReplicasAreBehind_AsLongAsTheirPrimaryDoes()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        cluster.Create(1);
        await cluster.PassAsync(5);
        var entry = cluster.Entries().Single().Entry;
        var primary = cluster.Up.Single(node => node.Id == entry.Primary);
        var other = cluster.Up.First(node => node != primary && node != cluster.Coordinator);
        Assert.Null((await PartitionAsync()).Lags);

        ReplicaLag[] told = [.. entry.InSync.Where(replica => replica.Node != entry.Primary).Select(static (replica, i) => new ReplicaLag(ReplicaProtocol.NameOf(replica.Node), i == 0 ? null : 12, 3.5))];
        primary.Lags = [new PartitionLags(1, entry.Term, told)];
        await cluster.PassAsync(5);
        Assert.Equal(told, (await PartitionAsync()).Lags);
        Assert.Equal((12, 7), (primary.Metric("deucalion_replication_lag_records"), primary.Metric("deucalion_replication_lag_seconds")));
        Assert.Equal(3.5, primary.Metric("deucalion_replication_lag_seconds", told[1].Node));
        Assert.Equal(0, other.Metric("deucalion_replication_lag_seconds"));

        // What the primary of an earlier term said, or of late nobody, is not told on.
        primary.Lags = [new PartitionLags(1, entry.Term - 1, told)];
        await cluster.PassAsync(15);
        Assert.Null((await PartitionAsync()).Lags);

        async Task<PartitionStatus> PartitionAsync() => (await cluster.RunAsync(other.Module.Commands.SnapshotAsync(TestContext.Current.CancellationToken))).Partitions.Single();
    }

    [Fact]
    public async Task ADeadPrimaryIsReplaced_ItsReplicasAreRebuiltLater_AndEverybodyKnows()
    {
        await using var cluster = await TestCluster.StartAsync(5);
        for (var partition = 0; partition < 10; partition++)
        {
            cluster.Create(partition, 1 + (partition % 5), 1 + ((partition + 1) % 5), 1 + ((partition + 2) % 5));
        }

        await cluster.PassAsync(8);
        var dead = cluster.Up.First(node => node != cluster.Coordinator).Number;
        var lost = cluster.LeadsOf(dead);
        Assert.True(lost > 0);
        await cluster.CrashAsync(dead);

        // The lease is read at once when primaries are missed.
        await cluster.UntilAsync(() => cluster.LeadsOf(dead) == 0, 4, "every partition has another primary");
        await cluster.UntilAsync(
            () => cluster.Up.All(node => cluster.Entries().All(item => node.View.EntryOf(item.Partition)!.Version >= item.Entry.Version) && node.View.Find(TestNodes.Name(dead)) is null),
            8,
            "all know");
        Assert.Equal(lost, cluster.Coordinator!.Metric("deucalion_cluster_elections_total"));
        await cluster.PassAsync(60);
        Assert.True(cluster.LoadOf(dead) > 0);
        await cluster.UntilAsync(() => cluster.LoadOf(dead) == 0, 180, "the replicas are rebuilt");
        await cluster.UntilAsync(() => cluster.Entries().All(static item => item.Entry.InSync.Length == 3), 30, "all are in sync");

        await cluster.PassAsync(3);
        Assert.Equal((10, 1), (cluster.Coordinator!.Metric("deucalion_cluster_partitions", "healthy"), cluster.Coordinator!.Metric("deucalion_cluster_nodes", "dead")));
    }

    [Fact]
    public async Task ANodeThatComesBackInTime_KeepsItsReplicas()
    {
        await using var cluster = await TestCluster.StartAsync(4);
        cluster.Create(1, 1, 2, 3);
        await cluster.CrashAsync(2);
        await cluster.PassAsync(60);
        await cluster.RestartAsync(2);
        await cluster.PassAsync(150);

        Assert.Equal([1, 2, 3], Numbers(cluster.Entry(1)));
        Assert.Equal(NodeState.Active, cluster.Nodes[1].View.Find(TestNodes.Name(2))!.State);
    }

    [Fact]
    public async Task AnotherNodeCoordinates_WhenTheCoordinatorDies()
    {
        await using var cluster = await TestCluster.StartAsync(4);
        var first = cluster.Coordinator!.Number;
        cluster.Create(1, first, 1 + (first % 4), 1 + ((first + 1) % 4));
        await cluster.PassAsync(5);
        await cluster.CrashAsync(first);

        await cluster.UntilAsync(() => cluster.Coordinator is { } next && next.Number != first, 8, "another coordinator");
        await cluster.UntilAsync(() => cluster.Entry(1).Primary != TestNodes.Id(first), 8, "another primary");
        await cluster.UntilAsync(() => cluster.Up.All(node => node.View.Coordinator == cluster.Coordinator!.Name), 5, "all follow it");
        Assert.Equal(0, cluster.Nodes[first].Metric("deucalion_cluster_is_coordinator"));
    }

    [Fact]
    public async Task ANodeThatJoins_GetsItsShare_AndNoMoreIsMovedThanThat()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        for (var partition = 0; partition < 24; partition++)
        {
            cluster.Create(partition, 1 + (partition % 3), 1 + ((partition + 1) % 3), 1 + ((partition + 2) % 3));
        }

        var under = 0;
        cluster.Changed = (_, after) => under += after.InSync.Length < 3 ? 1 : 0;
        await cluster.JoinAsync(4, "z1");
        await cluster.UntilAsync(() => cluster.Up.All(static node => node.View.Find(TestNodes.Name(4))?.State == NodeState.Active), 10, "it is active");
        await cluster.UntilAsync(() => cluster.LoadOf(4) == 12 && cluster.LeadsOf(4) >= 5, 200, "it has its share");
        await cluster.PassAsync(60);

        // In its zone nodes 1 and 4 have to share what node 1 had.
        Assert.Equal([12, 24, 24, 12], Enumerable.Range(1, 4).Select(cluster.LoadOf));
        Assert.All(Enumerable.Range(1, 4), number => Assert.InRange(cluster.LeadsOf(number), 5, 7));
        Assert.Equal(0, under);
        Assert.Equal(12, cluster.Coordinator!.Metric("deucalion_cluster_moves_total"));
        Assert.Equal(12, cluster.Coordinator!.Metric("deucalion_cluster_moves_completed_total", "balance"));
    }

    [Fact]
    public async Task ItGrowsAndShrinks_WithNoMoreMovesThanAreNeeded()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        for (var partition = 0; partition < 40; partition++)
        {
            cluster.Create(partition);
        }

        // Nodes 1 and 2 get company in their zones: half of what each of them has.
        await cluster.JoinAsync(4, "z1");
        await cluster.JoinAsync(5, "z2");
        await cluster.UntilAsync(() => cluster.LoadOf(4) == 20 && cluster.LoadOf(5) == 20, 300, "they have their share");
        await cluster.PassAsync(60);
        Assert.Equal([20, 20, 40, 20, 20], Enumerable.Range(1, 5).Select(cluster.LoadOf));
        Assert.Equal((40, 40), Moves());

        foreach (var node in (int[])[1, 2])
        {
            await cluster.RunAsync(cluster.Nodes[3].Module.Commands.DrainAsync(TestNodes.Name(node), TestContext.Current.CancellationToken));
            await cluster.UntilAsync(() => cluster.LoadOf(node) == 0, 300, "it is empty");
        }

        await cluster.PassAsync(60);
        Assert.Equal([0, 0, 40, 40, 40], Enumerable.Range(1, 5).Select(cluster.LoadOf));
        Assert.Equal((80, 80), Moves());

        (double Begun, double Completed) Moves() => (
            cluster.Nodes.Values.Sum(static node => node.Metric("deucalion_cluster_moves_total")),
            cluster.Nodes.Values.Sum(static node => node.Metric("deucalion_cluster_moves_completed_total")));
    }

    [Fact]
    public async Task ADrainedNodeGivesAwayPrimariesFirst_ThenReplicas_AndStaysEmpty()
    {
        await using var cluster = await TestCluster.StartAsync(5);
        for (var partition = 0; partition < 20; partition++)
        {
            cluster.Create(partition, 1 + (partition % 5), 1 + ((partition + 1) % 5), 1 + ((partition + 2) % 5));
        }

        await cluster.PassAsync(30);
        var members = int.MaxValue;
        var removedBeforeHandedOff = 0;
        cluster.Changed = (before, after) =>
        {
            members = Math.Min(members, after.InSync.Length);
            removedBeforeHandedOff += before.Primary == TestNodes.Id(5) && after.InSyncOn(TestNodes.Id(5)) is null ? 1 : 0;
        };
        var left = (await cluster.RunAsync(cluster.Nodes[1].Module.Commands.DrainAsync(TestNodes.Name(5), TestContext.Current.CancellationToken))).Left;
        Assert.Equal(cluster.LoadOf(5), left);
        await cluster.UntilAsync(() => cluster.LeadsOf(5) == 0, 20, "primaries are handed off");
        await cluster.UntilAsync(() => cluster.LoadOf(5) == 0, 200, "replicas have moved");
        await cluster.PassAsync(30);

        Assert.Equal((3, 0, 0), (members, removedBeforeHandedOff, cluster.LoadOf(5)));

        // Node 2 is the only one left in its zone.
        Assert.Equal([10, 20, 20, 10], Enumerable.Range(1, 4).Select(cluster.LoadOf));
        Assert.All(cluster.Up, static node => Assert.Equal(NodeState.Leaving, node.View.Find(TestNodes.Name(5))!.State));
        await cluster.RunAsync(cluster.Nodes[2].Module.Commands.UndrainAsync(TestNodes.Name(5), TestContext.Current.CancellationToken));
        await cluster.UntilAsync(() => cluster.LoadOf(5) == 10, 200, "it gets replicas again");
    }

    [Fact]
    public async Task AnOutageOfTheStoreStopsChanges_NotTheViews()
    {
        await using var cluster = await TestCluster.StartAsync(4);
        for (var partition = 0; partition < 8; partition++)
        {
            cluster.Create(partition, 1 + (partition % 4), 1 + ((partition + 1) % 4), 1 + ((partition + 2) % 4));
        }

        await cluster.PassAsync(20);
        var views = cluster.Up.ToDictionary(static node => node.Number, static node => (node.View.Nodes.Count, Entries: node.View.Entries.Count()));
        var writes = 0;
        cluster.Changed = (_, _) => writes++;
        cluster.Store.IsDown = true;
        await cluster.PassAsync(60);

        Assert.Equal(0, writes);
        Assert.All(cluster.Up, node => Assert.Equal(views[node.Number], (node.View.Nodes.Count, node.View.Entries.Count())));
        var snapshot = await cluster.RunAsync(cluster.Nodes[2].Module.Commands.SnapshotAsync(TestContext.Current.CancellationToken));
        Assert.True(snapshot.Status is { FromCoordinator: true, IsFrozen: true });

        // A node dies meanwhile; nobody acts on what nobody can read.
        cluster.Cut(cluster.Up.First(node => node != cluster.Coordinator).Number);
        await cluster.PassAsync(60);
        Assert.Equal(0, writes);
        cluster.Store.IsDown = false;
        cluster.Nodes.Values.Single(static node => !node.IsUp).Store.EndLeases();
        var dead = cluster.Nodes.Values.Single(static node => !node.IsUp).Number;
        await cluster.UntilAsync(() => cluster.LeadsOf(dead) == 0, 20, "its partitions are led by others");
    }

    [Fact]
    public async Task MakesAtMostOneRequestInFiveSeconds_InSteadyState_WhateverTheSizeOfTheCluster()
    {
        await using var cluster = await TestCluster.StartAsync(9);
        for (var partition = 0; partition < 40; partition++)
        {
            cluster.Create(partition);
        }

        await cluster.PassAsync(200);
        var before = cluster.Up.ToDictionary(static node => node.Number, static node => node.Store.Requests);
        await cluster.PassAsync(240);

        foreach (var node in cluster.Up)
        {
            var requests = node.Store.Requests - before[node.Number];

            // The time begins and ends anywhere between readings. A busy machine may keep an answer back for so long that a node looks into the store itself.
            Assert.True(requests <= (node == cluster.Coordinator ? (240 / 5) + 4 : 2), $"node {node.Number}: {requests} requests");
            Assert.True(node.View.Age(cluster.Time) < TimeSpan.FromSeconds(9));
        }
    }

    [Fact]
    public async Task ANodeIsActive_OnlyWhenEveryNodeWithALeaseKnowsOfIt()
    {
        await using var cluster = await TestCluster.StartAsync(4);
        var deaf = cluster.Up.First(node => node != cluster.Coordinator);
        foreach (var other in cluster.Up.Where(other => other != deaf))
        {
            cluster.Network.Cut(deaf.Id, other.Id);
        }

        await cluster.JoinAsync(5);
        await cluster.PassAsync(10);

        // It can reach the store, so it has its lease; it may be asked by a client at any time.
        Assert.Equal(NodeState.Joining, cluster.Coordinator!.View.Find(TestNodes.Name(5))!.State);
        deaf.IsUp = false;
        deaf.Store.IsCut = true;
        deaf.Store.EndLeases();
        await cluster.UntilAsync(() => cluster.Coordinator!.View.Find(TestNodes.Name(5))!.State == NodeState.Active, 15, "it is active");
    }

    [Fact]
    public async Task ANodeIsNotActive_BeforeItsReplicasAreOpen()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var node = await cluster.JoinAsync(4, serves: false);
        await cluster.PassAsync(20);
        Assert.Equal(NodeState.Joining, cluster.Coordinator!.View.Find(node.Name)!.State);

        node.Module.Serve(new TestCluster.Mail(cluster), node);
        await cluster.UntilAsync(() => cluster.Up.All(other => other.View.Find(node.Name)?.State == NodeState.Active), 10, "it is active");
    }

    [Fact]
    public async Task APrimaryThatIsMissedForLongThoughItIsAlive_CostsFewRequests()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        cluster.Create(1, 1, 2, 3);
        await cluster.PassAsync(5);
        var coordinator = cluster.Coordinator!;
        var before = coordinator.Store.Requests;
        for (var i = 0; i < 200; i++)
        {
            cluster.Nodes[2].Module.Reports.PrimaryMissing(new PartitionId(1), 1);
            await cluster.PassAsync(1);
        }

        // Fifteen in a hurry, and one every ten seconds.
        Assert.InRange(coordinator.Store.Requests - before, 45, 200 / 5 + 15 + 20 + 4);
        Assert.Equal(1, cluster.Entry(1).Term);
    }

    [Fact]
    public async Task ACoordinatorThatFailsGivesItsLeaseUp_AndAnotherGoesOn()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        cluster.Create(1, 1, 2, 3);
        var failing = cluster.Coordinator!;
        failing.Store.Breaks = true;

        await cluster.UntilAsync(() => cluster.Coordinator is { } next && next != failing, 60, "another coordinator");
        await cluster.UntilAsync(() => cluster.Up.All(node => node.View.Coordinator == cluster.Coordinator!.Name), 10, "all follow it");
        failing.Store.Breaks = false;
        await cluster.PassAsync(5);
        Assert.Equal(0, failing.Metric("deucalion_cluster_is_coordinator"));
    }

    [Fact]
    public async Task ViewsGoOn_WhenTheCoordinatorFailedOnce()
    {
        await using var cluster = await TestCluster.StartAsync(4);
        var failing = cluster.Coordinator!;
        var others = cluster.Up.Where(node => node != failing).Select(static node => node.Number).ToArray();
        cluster.Create(1, others);
        for (var i = 0; i < 3; i++)
        {
            // Views have gone far beyond the numbers at which a coordinator begins.
            await cluster.RunAsync(failing.Module.Commands.DrainAsync(TestNodes.Name(others[0]), TestContext.Current.CancellationToken));
            await cluster.UntilAsync(() => cluster.LoadOf(others[0]) == 0, 60, "it is empty");
            await cluster.RunAsync(failing.Module.Commands.UndrainAsync(TestNodes.Name(others[0]), TestContext.Current.CancellationToken));
            await cluster.UntilAsync(() => failing.View.Find(TestNodes.Name(others[0]))?.State == NodeState.Active, 30, "it is active again");
        }

        failing.Store.BrokenReadings = 1;
        await cluster.UntilAsync(() => failing.Metric("deucalion_actor_failures_total") == 1, 20, "the coordinator fails");
        await cluster.CrashAsync(others[0]);

        await cluster.UntilAsync(() => cluster.Up.All(node => node.View.Find(TestNodes.Name(others[0])) is null), 30, "all see that the node is dead");
        cluster.Create(2, others[1], others[2], failing.Number);
        await cluster.UntilAsync(() => cluster.Up.All(static node => node.View.EntryOf(new PartitionId(2)) is not null), 10, "all know the new partition");
    }

    [Fact]
    public async Task AnElectionThatTheStoreRefusesOnce_IsTriedAgainSoon()
    {
        await using var cluster = await TestCluster.StartAsync(4);
        var coordinator = cluster.Coordinator!;
        var members = cluster.Up.Where(node => node != coordinator).Select(static node => node.Number).ToArray();
        cluster.Create(1, members);
        await cluster.PassAsync(5);
        coordinator.Store.FailedWrites = 1;
        await cluster.CrashAsync(members[0]);
        await cluster.UntilAsync(() => coordinator.Store.FailedWrites < 1, 10, "the store refuses it");

        await cluster.UntilAsync(() => cluster.Entry(1).Primary != TestNodes.Id(members[0]), 3, "another primary");
    }

    [Fact]
    public async Task ElectionsThatTheStoreRefusesAgainAndAgain_CostFewRequests()
    {
        await using var cluster = await TestCluster.StartAsync(4);
        var coordinator = cluster.Coordinator!;
        var members = cluster.Up.Where(node => node != coordinator).Select(static node => node.Number).ToArray();
        for (var partition = 0; partition < 10; partition++)
        {
            cluster.Create(partition, members);
        }

        await cluster.PassAsync(5);
        coordinator.Store.FailedWrites = int.MaxValue;
        await cluster.CrashAsync(members[0]);
        var lost = cluster.LeadsOf(members[0]);
        var before = coordinator.Store.Requests;
        await cluster.PassAsync(60);

        // Nine attempts at most for each partition, of three requests each, besides what is read at any time.
        Assert.InRange(lost, 1, 10);
        Assert.InRange(coordinator.Store.Requests - before, lost * 3 * 4, (lost * 3 * 9) + 50);
        coordinator.Store.FailedWrites = 0;
        await cluster.UntilAsync(() => cluster.LeadsOf(members[0]) == 0, 15, "all have another primary");
    }

    [Fact]
    public async Task AnElectionWhoseAnswerIsLost_IsFoundToHaveHappened()
    {
        await using var cluster = await TestCluster.StartAsync(4);
        var coordinator = cluster.Coordinator!.Number;
        var primary = 1 + (coordinator % 4);
        cluster.Create(1, primary, 1 + ((coordinator + 1) % 4), 1 + ((coordinator + 2) % 4));
        await cluster.PassAsync(5);
        cluster.Nodes[coordinator].Store.UnsureWrites = 1;
        await cluster.CrashAsync(primary);
        await cluster.UntilAsync(() => cluster.Entry(1).Primary != TestNodes.Id(primary), 10, "another primary");
        await cluster.PassAsync(3);

        Assert.Equal((2L, 1d), (cluster.Entry(1).Term, cluster.Nodes[coordinator].Metric("deucalion_cluster_elections_total")));
    }

    [Fact]
    public async Task TwoCoordinatorsAtOnceDoNoHarm()
    {
        await using var cluster = await TestCluster.StartAsync(6);
        for (var partition = 0; partition < 30; partition++)
        {
            cluster.Create(partition, 1 + (partition % 4), 1 + ((partition + 1) % 4), 1 + ((partition + 2) % 4));
        }

        // A coordinator of before, which nobody told that its lease is gone, goes on beside the one that has it.
        var zombie = cluster.Up.First(node => node != cluster.Coordinator);
        var other = zombie.Actors.Spawn<CoordinatorMessage>(
            "coordinator",
            "second",
            self => new CoordinatorActor(
                new CoordinatorParts
                {
                    Self = zombie.Id,
                    Store = zombie.Store,
                    Transport = new TestCluster.Mail(cluster),
                    Calls = cluster.Network.From(zombie.Id),
                    Options = cluster.Options,
                    Metrics = TestNodes.Metrics(),
                    Time = cluster.Time,
                    Loggers = Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance,
                },
                0,
                static () => { },
                self),
            new Common.Actors.ActorOptions { MaxRestarts = 0 });
        var dead = cluster.Up.First(node => node != cluster.Coordinator && node != zombie).Number;
        await cluster.CrashAsync(dead);
        await cluster.UntilAsync(() => cluster.LeadsOf(dead) == 0, 20, "every partition has a primary that is alive");
        await cluster.UntilAsync(() => cluster.LoadOf(dead) == 0, 300, "its replicas are rebuilt");
        await cluster.PassAsync(120);

        Assert.False(other.Completion.IsCompleted);
        Assert.All(cluster.Entries(), static item => Assert.True(item.Entry.InSync.Length == 3 && item.Entry.Learners.IsEmpty, $"{item}"));

        // The other node of its zone has all that the zone has.
        Assert.All(cluster.Up, node => Assert.Equal(node.Number % 3 == dead % 3 ? 30 : 15, cluster.LoadOf(node.Number)));
        Assert.All(cluster.Up, node => Assert.Equal(cluster.Coordinator!.Name, node.View.Coordinator));
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await other.StopAsync(now.Token);
    }

    private static int[] Numbers(TableEntry entry) => [.. entry.InSync.Select(static replica => (int)replica.Node.Value).Order()];
}
