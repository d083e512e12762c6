using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Coordinator.Balance;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Placement;

namespace Deucalion.Simulation.World;

/// <summary>A coordinator of the one partition: its core, and the planner that tells it what to want.</summary>
internal sealed class SimCoordinator(NodeId self, ulong writer, CoordinatorTimings timings, long replaceAfter, ProtocolRules rules)
{
    private static readonly PartitionId Partition = new(0);
    private static readonly BalanceLimits Limits = new();
    private readonly SortedDictionary<int, (string Zone, bool IsAlive, long Since)> _nodes = [];

    public CoordinatorCore Core { get; } = new(self, writer, timings, rules);

    public void NodeSeen(SimNode node, bool isAlive, long now)
    {
        Core.NodeSeen(node.Id, isAlive);
        if (!_nodes.TryGetValue(node.Index, out var sight) || sight.IsAlive != isAlive)
        {
            _nodes[node.Index] = (node.Zone, isAlive, now);
        }
    }

    public void Tick(TableEntry entry, long now)
    {
        Core.EntrySeen(entry);
        var nodes = _nodes.Select(node => new PlannerNode
        {
            Id = World.IdOf(node.Key),
            Zone = node.Value.Zone,
            IsAlive = node.Value.IsAlive,
            Takes = node.Value.IsAlive,
            Leads = node.Value.IsAlive,
            Empties = !node.Value.IsAlive && now - node.Value.Since > replaceAfter,
        }).ToList();
        var wanted = new ReplicaNumbers(entry.ReplicationFactor, entry.MinInSync);
        var plan = BalancePlanner.Plan(new ClusterPicture(nodes, [new PlannerPartition(Partition, entry, wanted, null)]), Limits, 0)[Partition];
        Core.Planned(PlanMessages.Of(plan, entry));
        Core.Tick(now);
    }
}
