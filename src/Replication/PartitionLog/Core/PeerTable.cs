using System.Collections.Immutable;

namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>The other replicas of a term, aligned with the entry that is confirmed and the one that is pending.</summary>
internal sealed class PeerTable(ReplicaState state)
{
    private readonly List<Peer> _peers = [];

    public IReadOnlyList<Peer> All => _peers;

    public Peer? Find(NodeId node)
    {
        foreach (var peer in _peers)
        {
            if (peer.Node == node)
            {
                return peer;
            }
        }

        return null;
    }

    public void Clear() => _peers.Clear();

    /// <summary>
    /// Who counts: from before an addition is sent the new member does, and until a removal is confirmed the old one does, so while an outcome is
    /// unknown both sets.
    /// </summary>
    public void Align(TableEntry confirmed, TableEntry? pending, long now)
    {
        for (var i = _peers.Count - 1; i >= 0; i--)
        {
            if (!Places(confirmed, _peers[i].Node) && (pending is null || !Places(pending, _peers[i].Node)))
            {
                _peers.RemoveAt(i);
            }
        }

        foreach (var replica in confirmed.InSync)
        {
            if (replica.Node != state.Self.Node)
            {
                AlignMember(replica, now);
            }
        }

        foreach (var replica in confirmed.Learners)
        {
            AlignLearner(replica, now);
        }

        foreach (var peer in _peers)
        {
            var leaving = pending is not null && peer.InSync && pending.InSyncOn(peer.Node) is null;
            var coming = pending is not null && !peer.InSync && pending.InSyncOn(peer.Node) is not null;
            peer.Required = (peer.InSync && (!leaving || state.Rules.KeepsRemovedUntilConfirmed)) || (coming && state.Rules.RequiresAddedBeforeSent);
        }
    }

    /// <summary>What every counted member and this replica hold durably.</summary>
    public long LowestDurable()
    {
        var lowest = state.Journal.Durable;
        var needed = 0;
        var having = 0;
        foreach (var peer in _peers)
        {
            if (peer.Required)
            {
                needed++;
                having += peer.Counted > state.CommitIndex ? 1 : 0;
                lowest = Math.Min(lowest, peer.Counted);
            }
        }

        return state.Rules.CommitNeedsEveryMember || having * 2 < needed ? lowest : state.Journal.Durable;
    }

    /// <summary>How far all of them are behind.</summary>
    public ImmutableArray<PeerLag> Lags(long now) => [.. _peers.Select(peer => peer.LagBehind(state.Log.End.Seq, now))];

    /// <summary>Until when nobody can have entered a later term, if nothing changes: as long as all who count grant that.</summary>
    public long GrantedUntil()
    {
        long? until = null;
        foreach (var peer in _peers)
        {
            if (peer.Required)
            {
                var other = until ?? peer.GrantUntil;
                until = state.Rules.ReadsNeedEveryGrant ? Math.Min(other, peer.GrantUntil) : Math.Max(other, peer.GrantUntil);
            }
        }

        return until ?? long.MaxValue;
    }

    private static bool Places(TableEntry entry, NodeId node) => entry.InSyncOn(node) is not null || entry.LearnerOn(node) is not null;

    private Peer Place(NodeId node, long now)
    {
        if (Find(node) is { } known)
        {
            return known;
        }

        var peer = new Peer(node, now) { Target = state.Log.End.Seq };
        _peers.Add(peer);
        return peer;
    }

    private void AlignMember(ReplicaId replica, long now)
    {
        var peer = Place(replica.Node, now);
        if (!peer.InSync || peer.Incarnation != replica.Incarnation)
        {
            if (peer.Fed != replica.Incarnation)
            {
                peer.Restart();
            }

            peer.LostTo = 0;
            peer.Incarnation = replica.Incarnation;
            peer.InSync = true;
            peer.HeardAt = now;
            peer.ProgressAt = now;
        }
    }

    private void AlignLearner(ReplicaId replica, long now)
    {
        var peer = Place(replica.Node, now);
        if (!peer.InSync)
        {
            return;
        }

        peer.InSync = false;
        if (peer.LostTo != 0)
        {
            peer.Incarnation = peer.LostTo;
            peer.LostTo = 0;
        }
    }
}
