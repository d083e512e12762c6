using System.Collections.Immutable;

namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>
/// What a coordinator does about one partition, as a pure state machine. It tells the primary what is planned, and writes the table itself only to
/// replace a primary: one that is dead (its lease is gone, and an in-sync backup misses it too), or that asks for it. Everything it does is one
/// compare-and-swap on one entry or a message that the primary may ignore, so two coordinators at once do no harm.
/// </summary>
internal sealed class CoordinatorCore(NodeId self, ulong writer, CoordinatorTimings timings, ProtocolRules rules)
{
    private readonly HashSet<NodeId> _alive = [];
    private readonly Dictionary<NodeId, long> _missedBy = [];
    private ImmutableArray<ReplicaMessage> _wishes = [];
    private TableEntry? _entry;
    private long _counter;
    private long _replacementAskedAt = long.MinValue / 2;
    private long _electedAt = long.MinValue / 2;
    private long _retry;
    private long _toldAt = long.MinValue / 2;

    public List<CoordinatorEffect> Effects { get; } = [];

    /// <summary>The newest entry seen.</summary>
    public TableEntry? Entry => _entry;

    /// <summary>How much speaks against a node as a new primary: the lowest is chosen.</summary>
    public Func<NodeId, int> Burden { get; init; } = static _ => 0;

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
        else
        {
            // The primary changed its replicas meanwhile, so an election that was tried over the version before was refused: it may be tried again at once.
            _electedAt = long.MinValue / 2;
        }

        _retry = 0;
        _entry = entry;
    }

    /// <summary>Whether a node's lease was there when the leases were last read.</summary>
    public void NodeSeen(NodeId node, bool isAlive)
    {
        if (isAlive)
        {
            _alive.Add(node);
        }
        else
        {
            _alive.Remove(node);
        }
    }

    /// <summary>
    /// What the primary is to be told, in place of what it was to be told before. It is told at once, and again until the plan is another one; what
    /// names another term than the entry's is not sent.
    /// </summary>
    public void Planned(ImmutableArray<ReplicaMessage> wishes)
    {
        if (!_wishes.SequenceEqual(wishes))
        {
            _wishes = wishes;
            _toldAt = long.MinValue / 2;
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

    /// <summary>What was to begin that term was not tried, or met another entry: it need not be waited for.</summary>
    public void ElectionVoid(long term)
    {
        if (_entry?.Term < term)
        {
            _electedAt = long.MinValue / 2;
        }
    }

    /// <summary>
    /// The store failed what was to begin that term, and it did not take effect, as far as is known. It is tried again soon, but not time after time: reads may
    /// work where no write does.
    /// </summary>
    public void ElectionFailed(long term, long now)
    {
        if (_entry?.Term < term)
        {
            _retry = Math.Clamp(2 * _retry, timings.ElectionRetry, timings.ElectionPatience);
            _electedAt = now - timings.ElectionPatience + _retry;
        }
    }

    public void Tick(long now)
    {
        if (_entry is { } entry && !Elect(entry, now) && now - _toldAt >= timings.Propose)
        {
            _toldAt = now;
            foreach (var wish in _wishes)
            {
                if (wish.Term == entry.Term)
                {
                    Effects.Add(new Tell(entry.Primary, wish));
                }
            }
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
            if (replica.Node != entry.Primary && IsAlive(replica.Node) && (chosen is not { } other || IsBetter(replica.Node, other)))
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

    /// <summary>One that misses the primary is surely up; of equal ones the last, so that two coordinators choose alike.</summary>
    private bool IsBetter(NodeId node, NodeId other)
    {
        var misses = _missedBy.ContainsKey(node);
        return misses != _missedBy.ContainsKey(other) ? misses : Burden(node) <= Burden(other);
    }

    private bool IsAlive(NodeId node) => _alive.Contains(node);

    private void Write(TableEntry entry, TableEntry next) =>
        Effects.Add(new WriteEntry(entry.Version, next with { Writer = writer ^ (ulong)self.Value, Counter = ++_counter }));
}
