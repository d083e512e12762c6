using Deucalion.Common.Identifiers;
using Deucalion.Common.Wire;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Placement;
using Deucalion.Replication.Tests.Membership;
using Xunit;

namespace Deucalion.Replication.Tests.Coordinator;

/// <summary>What operators want, asked of a node that does not coordinate.</summary>
public sealed class ClusterCommandsTests
{
    private static readonly PartitionId One = new(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MovesAReplica_AlsoThePrimary()
    {
        await using var cluster = await TestCluster.StartAsync(4);
        cluster.Create(1, 1, 2, 3);
        var commands = Other(cluster).Module.Commands;
        await cluster.PassAsync(3);

        await cluster.RunAsync(commands.MoveAsync(One, TestNodes.Name(1), TestNodes.Name(4), Token));
        await cluster.UntilAsync(() => Members(cluster.Entry(1)).SequenceEqual([2, 3, 4]), 30, "the replica has moved");
        await cluster.PassAsync(20);

        Assert.Equal([2, 3, 4], Members(cluster.Entry(1)));
        await Refused(cluster, WireStatus.FailedPrecondition, commands.MoveAsync(One, TestNodes.Name(1), TestNodes.Name(4), Token));
        await Refused(cluster, WireStatus.FailedPrecondition, commands.MoveAsync(One, TestNodes.Name(2), TestNodes.Name(4), Token));
        await Refused(cluster, WireStatus.NotFound, commands.MoveAsync(One, TestNodes.Name(2), TestNodes.Name(9), Token));
        await Refused(cluster, WireStatus.NotFound, commands.MoveAsync(new PartitionId(2), TestNodes.Name(2), TestNodes.Name(1), Token));
        await Refused(cluster, WireStatus.NotFound, commands.DrainAsync("nobody", Token));
        await Refused(cluster, WireStatus.FailedPrecondition, commands.UndrainAsync(TestNodes.Name(2), Token));
    }

    [Fact]
    public async Task RefusesAMove_ThatTheSpreadOverZonesWouldUndo()
    {
        // Zones z1, z2, z0, z1, z2.
        await using var cluster = await TestCluster.StartAsync(5);
        cluster.Create(1, 1, 2, 3);
        var commands = Other(cluster).Module.Commands;
        await cluster.PassAsync(3);

        var refusal = await Refused(cluster, WireStatus.FailedPrecondition, commands.MoveAsync(One, TestNodes.Name(2), TestNodes.Name(4), Token));
        Assert.Equal(
            "partition 1 would have 2 replicas in zone 'z1', at least two more than in zone 'z2', where a node could take one: balance would undo the move", refusal.Message);
        Assert.Equal([1, 2, 3], Members(cluster.Entry(1)));

        // Where no node of a zone can take one, more in another zone is as good as it gets.
        cluster.Nodes[2].IsFull = cluster.Nodes[5].IsFull = true;
        await cluster.PassAsync(3);
        await Refused(cluster, WireStatus.FailedPrecondition, commands.MoveAsync(One, TestNodes.Name(3), TestNodes.Name(5), Token));
        var answer = await cluster.RunAsync(commands.MoveAsync(One, TestNodes.Name(2), TestNodes.Name(4), Token));
        Assert.Contains("moves from node", answer.Text, StringComparison.Ordinal);
        await cluster.UntilAsync(() => Members(cluster.Entry(1)).SequenceEqual([1, 3, 4]), 30, "the replica has moved");
        await cluster.PassAsync(20);
        Assert.Equal([1, 3, 4], Members(cluster.Entry(1)));
    }

    [Fact]
    public async Task SetsNumbers_OfAllPartitionsAndNewOnes_AndOfOne()
    {
        await using var cluster = await TestCluster.StartAsync(3, rf: 1);
        cluster.Create(1, 1);
        cluster.Create(2, 2);
        var commands = Other(cluster).Module.Commands;
        await cluster.PassAsync(3);
        var shrunk = 0;
        cluster.Changed = (before, after) => shrunk += after.InSync.Length < after.MinInSync ? 1 : 0;

        await cluster.RunAsync(commands.SetAsync(null, ReplicaNumbers.WithMajority(3), Token));
        await cluster.UntilAsync(() => cluster.Entries().All(static item => item.Entry is { InSync.Length: 3, ReplicationFactor: 3, MinInSync: 2 }), 40, "three replicas each");
        Assert.Equal(ReplicaNumbers.WithMajority(3), (await new PlacementStore(cluster.Store.Open()).LoadAsync(Token))!.Numbers);
        await cluster.RunAsync(commands.SetAsync(One, new ReplicaNumbers(2, 1), Token));
        await cluster.UntilAsync(() => cluster.Entry(1) is { InSync.Length: 2, ReplicationFactor: 2, MinInSync: 1 }, 40, "two replicas of partition 1");
        await cluster.RunAsync(commands.SetAsync(null, ReplicaNumbers.One, Token));
        await cluster.UntilAsync(() => cluster.Entries().All(static item => item.Entry is { InSync.Length: 1, ReplicationFactor: 1, MinInSync: 1 }), 40, "one replica each");

        Assert.Equal(0, shrunk);
        await Refused(cluster, WireStatus.NotFound, commands.SetAsync(new PartitionId(256), ReplicaNumbers.One, Token));
    }

    [Fact]
    public async Task TheOnlyReplicaMoves_WithASecondOneForAWhile()
    {
        await using var cluster = await TestCluster.StartAsync(2, rf: 1);
        cluster.Create(1, 1);
        await cluster.PassAsync(3);
        await cluster.RunAsync(Other(cluster).Module.Commands.DrainAsync(TestNodes.Name(1), Token));

        await cluster.UntilAsync(() => cluster.Entry(1) is { ReplicationFactor: 1, InSync.Length: 1, Learners.IsEmpty: true } entry && entry.Primary == TestNodes.Id(2), 60, "it has moved");
    }

    [Fact]
    public async Task ANodeThatRestartsHandsItsPrimariesOff_AndKeepsItsReplicas()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        for (var partition = 0; partition < 6; partition++)
        {
            cluster.Create(partition, 1 + (partition % 3), 1 + ((partition + 1) % 3), 1 + ((partition + 2) % 3));
        }

        var node = Other(cluster);
        await cluster.PassAsync(3);
        Assert.Equal(2, await cluster.RunAsync(node.Module.Commands.StandDownAsync(TestNodes.Name(node.Number), Token)));
        await cluster.UntilAsync(() => cluster.LeadsOf(node.Number) == 0, 20, "others lead");

        Assert.Equal(6, cluster.LoadOf(node.Number));
        await cluster.PassAsync(20);
        Assert.Equal(0, cluster.LeadsOf(node.Number));
        await cluster.RestartAsync(node.Number);
        await cluster.UntilAsync(() => cluster.LeadsOf(node.Number) == 2, 60, "it leads its share again");
    }

    [Fact]
    public async Task TheSnapshotShowsAll_AlsoWithoutACoordinator()
    {
        await using var cluster = await TestCluster.StartAsync(4);
        cluster.Create(1, 1, 2, 3);
        await cluster.UntilAsync(() => cluster.Up.All(static node => node.View.EntryOf(One) is not null), 5, "all know the partition");
        var asked = Other(cluster);
        await cluster.RunAsync(asked.Module.Commands.DrainAsync(TestNodes.Name(3), Token));
        await cluster.PassAsync(0.4);
        cluster.PrimariesRest = true;
        await cluster.PassAsync(5);
        var snapshot = await cluster.RunAsync(asked.Module.Commands.SnapshotAsync(Token));

        Assert.Equal((cluster.Coordinator!.Name, true, false, 3, 2), (snapshot.Status.Coordinator, snapshot.Status.FromCoordinator, snapshot.Status.IsFrozen, snapshot.Status.ReplicationFactor, snapshot.Status.MinInSync));
        Assert.Equal((3, 1, 0, 1), (snapshot.Status.ActiveNodes, snapshot.Status.LeavingNodes, snapshot.Status.DeadNodes, snapshot.Status.Unsettled));
        Assert.Equal([1, 2, 3, 4], snapshot.Nodes.Select(static node => int.Parse(node.Record.Id, null)));
        Assert.All(snapshot.Nodes, static node => Assert.True(node.IsAlive && node.IsInformed));
        var partition = Assert.Single(snapshot.Partitions);
        Assert.Equal((1, PartitionHealth.Healthy, 3, TestNodes.Name(1)), (partition.Partition, partition.State, partition.InSync.Count, partition.Primary));
        Assert.StartsWith("drain: ", partition.Step, StringComparison.Ordinal);

        foreach (var other in cluster.Up.Where(other => other != asked))
        {
            cluster.Network.Cut(asked.Id, other.Id);
        }

        asked.Store.IsCut = true;
        snapshot = await cluster.RunAsync(asked.Module.Commands.SnapshotAsync(Token));
        Assert.Equal((false, 4, 1), (snapshot.Status.FromCoordinator, snapshot.Nodes.Count, snapshot.Status.Healthy));
        await Refused(cluster, WireStatus.Unavailable, asked.Module.Commands.DrainAsync(TestNodes.Name(2), Token));
    }

    [Fact]
    public async Task CommandsFollowTheCoordinator()
    {
        await using var cluster = await TestCluster.StartAsync(4);
        var first = cluster.Coordinator!;
        var asked = Other(cluster);
        await cluster.CrashAsync(first.Number);
        await cluster.UntilAsync(() => cluster.Coordinator is { } next && next != first, 10, "another coordinator");
        await cluster.PassAsync(5);

        await cluster.RunAsync(asked.Module.Commands.DrainAsync(asked.Name, Token));

        Assert.Equal(NodeState.Leaving, NodeRecord.Parse(cluster.Store.Peek($"nodes/{asked.Name}")!.Value.Span).State);
    }

    [Fact]
    public async Task AForcedElectionIsCarriedOutByTheNodeOfTheReplica_WhichKnowsAtOnce()
    {
        await using var cluster = await TestCluster.StartAsync(4);
        cluster.Create(1, 1, 2, 3);
        var chosen = cluster.Nodes[4];
        var replica = new ReplicaId(chosen.Id, 77);
        var commands = Other(cluster).Module.Commands;
        await cluster.PassAsync(3);
        await Refused(cluster, WireStatus.FailedPrecondition, commands.ForceElectAsync(One, chosen.Name, false, Token));
        chosen.Replicas[One] = replica;
        await Refused(cluster, WireStatus.FailedPrecondition, commands.ForceElectAsync(One, chosen.Name, false, Token));
        await Refused(cluster, WireStatus.NotFound, commands.ForceElectAsync(new PartitionId(2), chosen.Name, true, Token));
        await Refused(cluster, WireStatus.InvalidArgument, commands.ForceElectAsync(One, "nobody", true, Token));
        var refusal = await Refused(cluster, WireStatus.NotFound, commands.ForceElectAsync(One, TestNodes.Name(9), true, Token));
        Assert.Contains("'deucalion cluster nodes' lists them", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(TestNodes.Id(1), cluster.Entry(1).Primary);

        var entry = (await cluster.RunAsync(commands.ForceElectAsync(One, chosen.Name, true, Token))).ToEntry();
        cluster.ForgiveViolations();

        Assert.Equal((chosen.Id, 2L), (entry.Primary, entry.Term));
        Assert.Equal([replica], entry.InSync);
        Assert.Equal(3, entry.Learners.Length);
        Assert.Equal((One, entry.Version), (Assert.Single(chosen.Learnt).Partition, chosen.Learnt[0].Entry.Version));
        Assert.True(chosen.View.EntryOf(One)!.Version >= entry.Version);
    }

    [Fact]
    public async Task AForcedElectionTakesConsent_AlsoWhereAllThatHaveEverythingAreDown()
    {
        await using var cluster = await TestCluster.StartAsync(4);
        cluster.Create(1, 1, 2, 3);
        var chosen = cluster.Nodes[4];
        chosen.Replicas[One] = new ReplicaId(chosen.Id, 77);
        await cluster.PassAsync(3);
        foreach (var number in new[] { 1, 2, 3 })
        {
            await cluster.CrashAsync(number);
        }

        await cluster.UntilAsync(
            () => cluster.Coordinator == chosen && chosen.View.Nodes.Count == 1, 60, "the one that is left coordinates, and knows that the others are dead");
        var commands = chosen.Module.Commands;
        var refusal = await Refused(cluster, WireStatus.FailedPrecondition, commands.ForceElectAsync(One, chosen.Name, false, Token));
        Assert.Contains("as it is now is not in sync: what only those that are have", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(TestNodes.Name(2), refusal.Message, StringComparison.Ordinal);
        Assert.NotEqual(chosen.Id, cluster.Entry(1).Primary);

        Assert.Equal(chosen.Id, (await cluster.RunAsync(commands.ForceElectAsync(One, chosen.Name, true, Token))).ToEntry().Primary);
        cluster.ForgiveViolations();
    }

    private static TestNode Other(TestCluster cluster) => cluster.Up.First(node => node != cluster.Coordinator);

    private static int[] Members(TableEntry entry) => [.. entry.InSync.Select(static replica => (int)replica.Node.Value).Order()];

    private static async Task<WireException> Refused(TestCluster cluster, WireStatus status, Task command)
    {
        var exception = await Assert.ThrowsAsync<WireException>(() => cluster.RunAsync(command));
        Assert.Equal(status, exception.Status);
        return exception;
    }
}
