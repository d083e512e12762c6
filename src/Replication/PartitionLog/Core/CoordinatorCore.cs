namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>
/// What a coordinator does about one partition, as a pure state machine. It proposes replicas to the primary, and writes the table itself only to
/// replace a primary: one that is dead (its lease is gone, and an in-sync backup misses it too), or that asks for it. Everything it does is one
/// compare-and-swap on one entry or a message that the primary may ignore, so two coordinators at once do no harm.
/// </summary>
internal sealed class CoordinatorCore(NodeId self, ulong writer, CoordinatorTimings timings, ProtocolRules rules)
{
    private readonly Dictionary<NodeId, NodeSight> _nodes = [];
    private readonly Dictionary<NodeId, long> _missedBy = [];
    private TableEntry? _entry;
    private long _counter;
    private long _replacementAskedAt = long.MinValue / 2;
    private long _electedAt = long.MinValue / 2;
    private long _proposedAt = long.MinValue / 2;

    public List<CoordinatorEffect> Effects { get; } = [];

    /// <summary>The entry was read or a watch told it.</summary>
    public void EntrySeen(TableEntry entry)
    {
        if (_entry is not null && entry.Version <= _entry.Version)
        {
            return;
        }

        if (_entry?.Term != entry.Term)
        {
            _missedBy.Clear();
            _replacementAskedAt = long.MinValue / 2;
        }

        _entry = entry;
    }

    /// <summary>Whether a node's lease was there when the leases were last read.</summary>
    public void NodeSeen(NodeId node, string zone, bool isAlive, long now)
    {
        if (!_nodes.TryGetValue(node, out var sight) || sight.IsAlive != isAlive)
        {
            _nodes[node] = new NodeSight(zone, isAlive, now);
        }
    }

    /// <summary>An in-sync backup does not hear its primary.</summary>
    public void PrimaryMissing(NodeId by, long term, long now)
    {
        if (_entry?.Term == term)
        {
            _missedBy[by] = now;
        }
    }

    /// <summary>The primary cannot do its work.</summary>
    public void ReplacementAsked(NodeId by, long term, long now)
    {
        if (_entry?.Term == term && _entry.Primary == by)
        {
            _replacementAskedAt = now;
        }
    }

    public void Tick(long now)
    {
        if (_entry is { } entry && !Elect(entry, now) && now - _proposedAt >= timings.Propose)
        {
            _proposedAt = now;
            Place(entry, now);
        }
    }

    /// <summary>By an operator who accepts that records may be lost: a replica leads alone, whatever it holds.</summary>
    public void ForceElect(TableEntry entry, ReplicaId replica)
    {
        var others = entry.InSync.AddRange(entry.Learners).RemoveAll(other => other.Node == replica.Node);
        Write(entry, entry.WithPrimary(replica.Node) with { InSync = [replica], Learners = others });
    }

    private bool Elect(TableEntry entry, long now)
    {
        var asked = now - _replacementAskedAt <= timings.ReportsLast;
        var dead = !IsAlive(entry.Primary) && _missedBy.Any(report => now - report.Value <= timings.ReportsLast && entry.InSyncOn(report.Key) is not null);
        if ((!asked && !dead) || now - _electedAt < timings.ElectionPatience)
        {
            return false;
        }

        var candidates = rules.ElectsOnlyInSync ? entry.InSync : entry.InSync.AddRange(entry.Learners);
        NodeId? chosen = null;
        foreach (var replica in candidates)
        {
            if (replica.Node != entry.Primary && IsAlive(replica.Node) && (chosen is null || _missedBy.ContainsKey(replica.Node)))
            {
                chosen = replica.Node;
            }
        }

        if (chosen is not { } node)
        {
            return false;
        }

        _electedAt = now;
        var next = entry.WithPrimary(node);
        if (entry.InSyncOn(node) is null)
        {
            next = next.WithReplicas(entry.InSync.Add(entry.LearnerOn(node)!.Value), entry.Learners) with { Version = next.Version };
        }

        Write(entry, next);
        return true;
    }

    /// <summary>Keeps <c>rf</c> replicas placed: one more where there are too few, another node for one that has been dead for long.</summary>
    private void Place(TableEntry entry, long now)
    {
        var placed = entry.InSync.Length + entry.Learners.Length;
        NodeId? leaving = null;
        foreach (var replica in entry.InSync.AddRange(entry.Learners))
        {
            if (_nodes.TryGetValue(replica.Node, out var sight) && !sight.IsAlive && now - sight.Since > timings.ReplaceAfter)
            {
                leaving = replica.Node;
            }
        }

        if (placed > entry.ReplicationFactor && entry.Learners.Length > 0 && entry.InSync.Length >= entry.ReplicationFactor)
        {
            // A learner too many: put a member that is there into its place.
            Effects.Add(new Tell(entry.Primary, new PlaceReplica(entry.Term, entry.Primary, entry.Learners[0].Node)));
            return;
        }

        if ((placed < entry.ReplicationFactor || (leaving is not null && placed <= entry.ReplicationFactor)) && Choose(entry) is { } node)
        {
            Effects.Add(new Tell(entry.Primary, new PlaceReplica(entry.Term, node, placed < entry.ReplicationFactor ? null : leaving)));
        }
    }

    /// <summary>A node alive without a replica, best in a zone without one; ties by name, so that two coordinators choose alike.</summary>
    private NodeId? Choose(TableEntry entry)
    {
        var zones = new HashSet<string>();
        foreach (var replica in entry.InSync.AddRange(entry.Learners))
        {
            if (_nodes.TryGetValue(replica.Node, out var sight) && sight.IsAlive)
            {
                zones.Add(sight.Zone);
            }
        }

        return _nodes
            .Where(node => node.Value.IsAlive && entry.InSyncOn(node.Key) is null && entry.LearnerOn(node.Key) is null)
            .OrderBy(node => zones.Contains(node.Value.Zone))
            .ThenBy(static node => node.Key.Value)
            .Select(static node => (NodeId?)node.Key)
            .FirstOrDefault();
    }

    private bool IsAlive(NodeId node) => _nodes.TryGetValue(node, out var sight) && sight.IsAlive;

    private void Write(TableEntry entry, TableEntry next) =>
        Effects.Add(new WriteEntry(entry.Version, next with { Writer = writer ^ (ulong)self.Value, Counter = ++_counter }));

    private readonly record struct NodeSight(string Zone, bool IsAlive, long Since);
}
