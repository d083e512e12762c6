using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Coordinator.Balance;

/// <summary>Where every replica is to be in the end, while that is worked out: nodes and partitions by number, sets of nodes by partition.</summary>
internal sealed class TargetPlacement
{
    private readonly Dictionary<NodeId, int> _numbers = [];
    private readonly int[] _zones;
    private readonly int[] _crowds;
    private readonly List<int>[] _replicas;
    private readonly SortedSet<int>[] _partitions;

    public TargetPlacement(ClusterPicture picture)
    {
        Partitions = picture.Partitions;
        Nodes = AllNodes(picture);
        _zones = new int[Nodes.Length];
        var zones = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Nodes.Length; i++)
        {
            _numbers.Add(Nodes[i].Id, i);
            if (!zones.TryGetValue(Nodes[i].Zone, out var zone))
            {
                zones.Add(Nodes[i].Zone, zone = zones.Count);
            }

            _zones[i] = zone;
        }

        _crowds = new int[zones.Count];
        _replicas = new List<int>[Partitions.Count];
        _partitions = new SortedSet<int>[Nodes.Length];
        for (var i = 0; i < _replicas.Length; i++)
        {
            _replicas[i] = [];
        }

        for (var i = 0; i < _partitions.Length; i++)
        {
            _partitions[i] = [];
        }
    }

    /// <summary>All nodes, those that only entries name too, in the order of their ids.</summary>
    public PlannerNode[] Nodes { get; }

    public IReadOnlyList<PlannerPartition> Partitions { get; }

    public int NumberOf(NodeId node) => _numbers[node];

    public IReadOnlyList<int> ReplicasOf(int partition) => _replicas[partition];

    public IReadOnlyCollection<int> PartitionsOn(int node) => _partitions[node];

    public int Load(int node) => _partitions[node].Count;

    public bool Has(int partition, int node) => _replicas[partition].Contains(node);

    /// <summary>Whether the node has a place for the partition in the table now.</summary>
    public bool HasNow(int partition, int node)
    {
        var entry = Partitions[partition].Entry;
        return entry.InSyncOn(Nodes[node].Id) is not null || entry.LearnerOn(Nodes[node].Id) is not null;
    }

    public void Add(int partition, int node)
    {
        _replicas[partition].Add(node);
        _partitions[node].Add(partition);
    }

    public void Remove(int partition, int node)
    {
        _replicas[partition].Remove(node);
        _partitions[node].Remove(partition);
    }

    /// <summary>How many replicas of the partition the node's zone has.</summary>
    public int Crowd(int partition, int node)
    {
        var crowd = 0;
        foreach (var replica in _replicas[partition])
        {
            crowd += _zones[replica] == _zones[node] ? 1 : 0;
        }

        return crowd;
    }

    /// <summary>How many replicas of the partition each zone has, by the zones' numbers; valid until the next call.</summary>
    public ReadOnlySpan<int> Crowds(int partition)
    {
        Array.Clear(_crowds);
        foreach (var replica in _replicas[partition])
        {
            _crowds[_zones[replica]]++;
        }

        return _crowds;
    }

    public int ZoneOf(int node) => _zones[node];

    public bool ShareZone(int first, int second) => _zones[first] == _zones[second];

    /// <summary>Whether a replica may change nodes without its partition being spread worse over the zones.</summary>
    public bool KeepsSpread(int partition, int from, int to) => ShareZone(from, to) || Crowd(partition, from) > Crowd(partition, to);

    /// <summary>Whether one node's zone has so many more replicas of the partition than the other node's that the spread is worse than it need be.</summary>
    public bool IsCrowded(int partition, int node, int other) => Crowd(partition, node) >= Crowd(partition, other) + 2;

    /// <summary>Whether a replica of the partition is to go from a node whose zone is crowded to another one, which can take it.</summary>
    public bool IsToSpread(int partition, int from, int to) => Nodes[to].Takes && !Has(partition, to) && IsCrowded(partition, from, to);

    private static PlannerNode[] AllNodes(ClusterPicture picture)
    {
        var nodes = picture.Nodes.ToDictionary(static node => node.Id);
        foreach (var replica in picture.Partitions.SelectMany(static partition => partition.Entry.InSync.AddRange(partition.Entry.Learners)))
        {
            // A zone of its own: nothing is known of where it is.
            nodes.TryAdd(replica.Node, new PlannerNode
            {
                Id = replica.Node,
                Zone = $"\0{replica.Node}",
                IsAlive = false,
                Takes = false,
                Leads = false,
                Empties = false,
            });
        }

        return [.. nodes.Values.OrderBy(static node => node.Id.Value)];
    }
}
