namespace Deucalion.Replication.Coordinator.Balance;

/// <summary>
/// Works out which in-sync replica is to lead each partition: the present primary as far as it can, then primaries are evened out. A primary that
/// is dead is no matter of a plan: it is replaced by an election.
/// </summary>
internal sealed class PrimaryTargets : ILevelled
{
    private const int HandOff = 1;
    private readonly TargetPlacement _target;
    private readonly int[] _leader;
    private readonly SortedSet<int>[] _leads;
    private readonly bool[] _isSettled;

    public PrimaryTargets(TargetPlacement target)
    {
        _target = target;
        _leader = new int[target.Partitions.Count];
        _isSettled = new bool[target.Partitions.Count];
        _leads = new SortedSet<int>[target.Nodes.Length];
        for (var i = 0; i < _leads.Length; i++)
        {
            _leads[i] = [];
        }
    }

    public int Nodes => _target.Nodes.Length;

    /// <summary>The node that is to lead; the present primary where nobody else can.</summary>
    public int LeaderOf(int partition) => _leader[partition];

    public void WorkOut()
    {
        for (var partition = 0; partition < _leader.Length; partition++)
        {
            var primary = PrimaryOf(partition);
            _leader[partition] = primary;
            _isSettled[partition] = IsSettled(partition);
            if (_target.Nodes[primary].IsAlive && Stays(partition, primary))
            {
                _leads[primary].Add(partition);
            }
        }

        for (var partition = 0; partition < _leader.Length; partition++)
        {
            var primary = PrimaryOf(partition);
            if (_target.Nodes[primary].IsAlive && !Stays(partition, primary) && Successor(partition) is { } next)
            {
                _leader[partition] = next;
                _leads[next].Add(partition);
            }
        }

        new Leveller(this).Level();
    }

    public int Load(int node) => _leads[node].Count;

    public bool Gives(int node) => _target.Nodes[node] is { IsAlive: true, Leads: true };

    public bool Takes(int node) => Gives(node);

    public void Offer(int from, Span<Carry?> to)
    {
        to.Clear();
        foreach (var partition in _leads[from])
        {
            foreach (var node in _target.ReplicasOf(partition))
            {
                if (Allows(partition, from, node) && (to[node] is not { } best || CostOf(partition, from) < best.Cost))
                {
                    to[node] = new Carry(partition, CostOf(partition, from));
                }
            }
        }
    }

    public bool Allows(int item, int from, int to) =>
        _leader[item] == from && CanLead(item, to) && (_isSettled[item] || PrimaryOf(item) != from);

    public void Move(int item, int from, int to)
    {
        _leads[from].Remove(item);
        _leads[to].Add(item);
        _leader[item] = to;
    }

    private int CostOf(int partition, int node) => PrimaryOf(partition) == node ? HandOff : 0;

    private int PrimaryOf(int partition) => _target.NumberOf(_target.Partitions[partition].Entry.Primary);

    private bool Stays(int partition, int node) => _target.Nodes[node].Leads && _target.Has(partition, node);

    private bool CanLead(int partition, int node) =>
        Gives(node) && _target.Has(partition, node) && _target.Partitions[partition].Entry.InSyncOn(_target.Nodes[node].Id) is not null;

    private int? Successor(int partition)
    {
        int? found = null;
        foreach (var node in _target.ReplicasOf(partition))
        {
            if (CanLead(partition, node) && (found is not { } other || (Load(node), node).CompareTo((Load(other), other)) < 0))
            {
                found = node;
            }
        }

        return found;
    }

    private bool IsSettled(int partition)
    {
        var entry = _target.Partitions[partition].Entry;
        var replicas = _target.ReplicasOf(partition);
        return replicas.Count == entry.InSync.Length + entry.Learners.Length && replicas.All(node => _target.HasNow(partition, node));
    }
}
