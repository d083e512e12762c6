using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Coordinator.Balance;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Placement;
using Xunit;

namespace Deucalion.Replication.Tests.Coordinator.Balance;

/// <summary>A cluster in which planned steps are carried out as primaries would: what catches up does so until the next plan.</summary>
internal sealed class PlannedWorld(List<PlannerNode> nodes, BalanceLimits limits)
{
    private readonly BalanceLimits _limits = limits;
    private readonly Dictionary<PartitionId, PlannedMove> _moves = [];
    private long _round;

    /// <summary>The same partitions, as they are now, on other nodes.</summary>
    public PlannedWorld(List<PlannerNode> nodes, PlannedWorld other)
        : this(nodes, other._limits)
    {
        foreach (var (partition, entry) in other.Entries)
        {
            Entries.Add(partition, entry);
            Wanted.Add(partition, other.Wanted[partition]);
        }
    }

    public List<PlannerNode> Nodes => nodes;

    public SortedDictionary<PartitionId, TableEntry> Entries { get; } = [];

    public Dictionary<PartitionId, ReplicaNumbers> Wanted { get; } = [];

    /// <summary>Nodes whose learners do not catch up.</summary>
    public HashSet<NodeId> Stuck { get; } = [];

    /// <summary>Replicas that were begun.</summary>
    public int Transfers { get; private set; }

    public int HandOffs { get; private set; }

    public ClusterPicture Picture => new(
        nodes,
        [.. Entries.Select(entry => new PlannerPartition(entry.Key, entry.Value, Wanted[entry.Key], _moves.GetValueOrDefault(entry.Key)))]);

    public static NodeId Id(int node) => new((UInt128)node);

    public static PlannerNode Node(int id, string zone, bool isActive = true, bool isAlive = true, bool empties = false) => new()
    {
        Id = Id(id),
        Zone = zone,
        IsAlive = isAlive,
        Takes = isAlive && isActive && !empties,
        Leads = isAlive && !empties,
        Empties = empties,
    };

    public void Add(int partition, ReplicaNumbers wanted, params int[] inSync)
    {
        var id = new PartitionId(partition);
        Wanted[id] = wanted;
        Entries[id] = new TableEntry
        {
            Term = 1,
            Version = 1,
            ReplicationFactor = wanted.ReplicationFactor,
            MinInSync = Math.Min(wanted.MinInSync, inSync.Length),
            Primary = Id(inSync[0]),
            InSync = [.. inSync.Select(static node => new ReplicaId(Id(node), 1))],
            Learners = [],
        };
    }

    /// <summary>Elections, where a node is dead; partitions of which nothing is left are left out.</summary>
    public void ReplaceDeadPrimaries()
    {
        foreach (var (partition, entry) in Entries.ToList())
        {
            if (!entry.InSync.Any(replica => IsAlive(replica.Node)))
            {
                Entries.Remove(partition);
            }
            else if (!IsAlive(entry.Primary))
            {
                Entries[partition] = entry.WithPrimary(entry.InSync.First(replica => IsAlive(replica.Node)).Node);
            }
        }

        bool IsAlive(NodeId id) => nodes.Single(node => node.Id == id).IsAlive;
    }

    /// <summary>What a new coordinator knows nothing of.</summary>
    public void ForgetMoves() => _moves.Clear();

    public IReadOnlyDictionary<PartitionId, PartitionPlan> Plan() => BalancePlanner.Plan(Picture, _limits, _round++);

    /// <summary>Carries so many plans out.</summary>
    public void Rounds(int count)
    {
        for (; count > 0; count--)
        {
            CarryOut(Plan());
        }
    }

    /// <summary>Carries plans out until there is nothing to do. False: it did not end.</summary>
    public bool Settle(Action<IReadOnlyDictionary<PartitionId, PartitionPlan>>? look = null)
    {
        for (var i = 0; i < 2000; i++)
        {
            var plan = Plan();
            look?.Invoke(plan);
            if (plan.Values.All(static partition => partition.Step is null && partition.Numbers is null))
            {
                return true;
            }

            CarryOut(plan);
        }

        return false;
    }

    public int LoadOf(NodeId node) => Entries.Values.Count(entry => entry.InSyncOn(node) is not null || entry.LearnerOn(node) is not null);

    public int LeadsOf(NodeId node) => Entries.Values.Count(entry => entry.Primary == node);

    private void CarryOut(IReadOnlyDictionary<PartitionId, PartitionPlan> plan)
    {
        foreach (var (partition, planned) in plan)
        {
            CarryOut(partition, planned);
        }
    }

    private void CarryOut(PartitionId partition, PartitionPlan planned)
    {
        var before = Entries[partition];
        var entry = before;
        if (planned.Step is PlaceStep { InsteadOf: { } from } step)
        {
            _moves[partition] = new PlannedMove(from, step.Node, step.Reason);
        }

        foreach (var message in PlanMessages.Of(planned, entry))
        {
            entry = PrimaryModel.Follow(entry, message);
        }

        Assert.True(planned.Step is not HandOffStep || entry.Primary != before.Primary, "a replica that is not in sync was named");
        HandOffs += entry.Primary != before.Primary ? 1 : 0;
        Transfers += entry.Learners.Count(learner => before.LearnerOn(learner.Node) is null);
        entry = PrimaryModel.CatchUp(entry, node => !Stuck.Contains(node));
        if (_moves.TryGetValue(partition, out var move) && entry.InSyncOn(move.From) is null && entry.LearnerOn(move.From) is null)
        {
            _moves.Remove(partition);
        }

        Entries[partition] = entry;
    }
}
