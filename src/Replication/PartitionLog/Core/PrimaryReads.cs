namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>
/// Reads at the primary. The snapshot is taken first and the grants are looked at afterwards: as long as every member grants them nobody can have
/// acknowledged anything that the snapshot lacks.
/// </summary>
internal sealed class PrimaryReads(ReplicaState state, PeerTable peers)
{
    private readonly List<long> _waiting = [];

    public void Begin(long read, long now)
    {
        if (!state.Rules.ChecksGrantAfterSnapshot && !peers.Grants(now))
        {
            state.Emit(new RefuseRead(read));
            return;
        }

        _waiting.Add(read);
        state.Emit(new TakeSnapshot(read));
    }

    /// <summary>False: not a read of this term.</summary>
    public bool SnapshotTaken(long read, long now)
    {
        if (!_waiting.Remove(read))
        {
            return false;
        }

        state.Emit(!state.Rules.ChecksGrantAfterSnapshot || peers.Grants(now) ? new AnswerRead(read) : new RefuseRead(read));
        return true;
    }

    public void OnCommitQuery(NodeId from, CommitQuery query, long now)
    {
        if (!state.Rules.ChecksGrantForBackup || peers.Grants(now))
        {
            state.Send(from, new CommitReply(query.Term, query.Read, state.CommitIndex));
        }
    }

    public void Refuse()
    {
        foreach (var read in _waiting)
        {
            state.Emit(new RefuseRead(read));
        }

        _waiting.Clear();
    }
}
