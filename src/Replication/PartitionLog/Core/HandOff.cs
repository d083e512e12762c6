namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>
/// A planned change of primary: nothing more is appended, what is pending is committed, then the in-sync backup that holds it all is written into
/// the table. Requests that come meanwhile wait for the new primary; nobody sees an error.
/// </summary>
internal sealed class HandOff(ReplicaState state, PeerTable peers)
{
    private NodeId _to;
    private long _since;

    /// <summary>Whether appends have to wait.</summary>
    public bool IsDraining { get; private set; }

    public void Begin(TableEntry entry, NodeId to, long now)
    {
        if (IsDraining || to == state.Self.Node || (entry.InSyncOn(to) is null && state.Rules.HandsOffOnlyInSync))
        {
            return;
        }

        IsDraining = true;
        _to = to;
        _since = now;
    }

    public void Stop() => IsDraining = false;

    /// <summary>
    /// Appends go on where all this takes too long, also once the change is on its way and nobody can tell what became of it: the store may be away for
    /// hours. A successor that it named after all begins with whatever every member holds by then, as after any other change of primary.
    /// </summary>
    public void GiveUpLate(long now)
    {
        if (IsDraining && now - _since > state.Timings.HandOff)
        {
            IsDraining = false;
        }
    }

    /// <summary>The entry that names the successor, once nothing is pending here and the successor has it all.</summary>
    public TableEntry? Decide(TableEntry entry)
    {
        if (!IsDraining)
        {
            return null;
        }

        if (state.CommitIndex == state.Log.End.Seq && peers.Find(_to) is { InSync: true } peer && peer.Counted >= state.Log.End.Seq)
        {
            return entry.WithPrimary(_to);
        }

        if (!state.Rules.HandsOffOnlyInSync && entry.InSyncOn(_to) is null && peers.Find(_to) is { } other && other.Incarnation != 0)
        {
            return entry.WithPrimary(_to) with { InSync = entry.InSync.Add(new ReplicaId(_to, other.Incarnation)) };
        }

        return null;
    }
}
