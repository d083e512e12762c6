namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>
/// Which change of the replicas a primary makes next. It alone adds and removes members; the in-sync set is never made smaller than
/// <c>minInSync</c>: there a missing member stays listed and leaves only in exchange for a learner that holds all that the primary holds.
/// </summary>
internal sealed class MembershipChanges(ReplicaState state, PeerTable peers)
{
    private PlaceReplica? _wish;
    private SetNumbers? _numbers;

    /// <summary>
    /// The coordinator proposes, in place of what it proposed before; what is not possible at once is tried again until it is done or senseless.
    /// </summary>
    public void Propose(PlaceReplica wish) => _wish = wish;

    public void Propose(SetNumbers numbers) => _numbers = numbers;

    public void Clear()
    {
        _wish = null;
        _numbers = null;
    }

    /// <summary>The next entry, or null: nothing to change, or nothing that can be changed now.</summary>
    public TableEntry? Decide(TableEntry entry, bool isOpen, long now) =>
        Remove(entry, now) ?? Move(entry, now) ?? Add(entry, isOpen, now) ?? Shrink(entry) ?? Number(entry) ?? Place(entry);

    /// <summary>Whether a member is missing that cannot be removed.</summary>
    public bool Misses(long now)
    {
        foreach (var peer in peers.All)
        {
            if (peer.Required && peer.Lags(state.Timings, now))
            {
                return true;
            }
        }

        return false;
    }

    private TableEntry? Remove(TableEntry entry, long now)
    {
        foreach (var peer in peers.All)
        {
            if (!peer.InSync || (!peer.Lags(state.Timings, now) && !peer.IsAside(now)))
            {
                continue;
            }

            if (entry.InSync.Length > entry.MinInSync || !state.Rules.KeepsMinInSync)
            {
                return Exchange(entry, peer.Node, null, keepsPlace: true);
            }

            if (Complete(state.Log.End.Seq, now) is { } learner)
            {
                return Exchange(entry, peer.Node, learner, keepsPlace: true);
            }

            if (peer.LostTo != 0 && Holds(peer, state.Log.End.Seq, now))
            {
                // The same node has it all again, in another log.
                return entry.WithReplicas(entry.InSync.Replace(entry.InSyncOn(peer.Node)!.Value, new ReplicaId(peer.Node, peer.LostTo)), entry.Learners);
            }
        }

        return null;
    }

    /// <summary>A planned move: the new replica has caught up, the old one goes.</summary>
    private TableEntry? Move(TableEntry entry, long now)
    {
        return _wish?.InsteadOf is { } old && old != state.Self.Node && entry.InSyncOn(old) is not null
            && peers.Find(_wish.Node) is { } peer && IsComplete(peer, state.Log.End.Seq, now)
                ? Exchange(entry, old, peer, keepsPlace: false)
                : null;
    }

    private TableEntry? Add(TableEntry entry, bool isOpen, long now)
    {
        // Before the term start is committed nobody knows how much of the log is.
        var needed = isOpen || !state.Rules.JoinsAtEndBeforeOpen ? state.CommitIndex : state.Log.End.Seq;
        return entry.InSync.Length < entry.ReplicationFactor && Complete(needed, now) is { } learner
            ? Exchange(entry, null, learner, keepsPlace: false)
            : null;
    }

    private TableEntry? Shrink(TableEntry entry)
    {
        if (entry.InSync.Length <= entry.ReplicationFactor || entry.InSync.Length <= entry.MinInSync)
        {
            return null;
        }

        var last = entry.InSync.Last(replica => replica.Node != state.Self.Node);
        return Exchange(entry, last.Node, null, keepsPlace: false);
    }

    private TableEntry? Number(TableEntry entry)
    {
        if (_numbers is not { } numbers || entry.InSync.Length < numbers.MinInSync || numbers.MinInSync > numbers.ReplicationFactor)
        {
            return null;
        }

        _numbers = null;
        return entry with { Version = entry.Version + 1, ReplicationFactor = numbers.ReplicationFactor, MinInSync = numbers.MinInSync };
    }

    private TableEntry? Place(TableEntry entry)
    {
        if (_wish is not { } wish)
        {
            return null;
        }

        var isThere = entry.InSyncOn(wish.Node) is not null || entry.LearnerOn(wish.Node) is not null;
        var leaves = wish.InsteadOf is { } old && entry.LearnerOn(old) is not null ? wish.InsteadOf : null;
        if (!isThere || leaves is not null)
        {
            var learners = entry.Learners.RemoveAll(replica => replica.Node == leaves);
            return entry.WithReplicas(entry.InSync, isThere ? learners : learners.Add(new ReplicaId(wish.Node, 0)));
        }

        if (wish.InsteadOf is not { } member || entry.InSyncOn(member) is null)
        {
            _wish = null;
        }

        return null;
    }

    private Peer? Complete(long needed, long now)
    {
        foreach (var peer in peers.All)
        {
            if (IsComplete(peer, needed, now))
            {
                return peer;
            }
        }

        return null;
    }

    private bool IsComplete(Peer peer, long needed, long now) =>
        !peer.InSync && peer.Incarnation != 0 && Holds(peer, needed, now);

    private bool Holds(Peer peer, long needed, long now) =>
        now - peer.HeardAt <= state.Timings.ReplicationTimeout && !peer.IsAside(now)
        && (!state.Rules.JoinsOnlyComplete || (peer.IsFed && peer.Durable >= needed));

    private static TableEntry Exchange(TableEntry entry, NodeId? leaving, Peer? joining, bool keepsPlace)
    {
        var inSync = entry.InSync;
        var learners = entry.Learners;
        if (leaving is { } node)
        {
            var replica = entry.InSyncOn(node)!.Value;
            inSync = inSync.Remove(replica);
            learners = keepsPlace ? learners.Add(replica) : learners;
        }

        if (joining is not null)
        {
            inSync = inSync.Add(new ReplicaId(joining.Node, joining.Incarnation));
            learners = learners.RemoveAll(replica => replica.Node == joining.Node);
        }

        return entry.WithReplicas(inSync, learners);
    }
}
