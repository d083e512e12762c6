namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>
/// Reads at a backup: it asks its primary for the commit index after the read came, and answers once it has applied up to there, in the log that it
/// shares with that primary. Queries are answered by primaries alone, so far: only the simulator reads at backups.
/// </summary>
internal sealed class BackupReads(ReplicaState state, MemberRole member)
{
    private readonly List<Waiting> _waiting = [];

    public void Begin(long read, long now)
    {
        if (!state.Rules.BackupAsksPrimary)
        {
            _waiting.Add(new Waiting(read, now, state.CommitIndex, false));
            Proceed();
            return;
        }

        _waiting.Add(new Waiting(read, now, long.MaxValue, false));
        state.Send(state.TermOf, new CommitQuery(state.Term, read));
    }

    public void OnCommitReply(CommitReply reply)
    {
        for (var i = 0; i < _waiting.Count; i++)
        {
            if (_waiting[i].Read == reply.Read && reply.Term == state.Term)
            {
                _waiting[i] = _waiting[i] with { Needs = Math.Min(_waiting[i].Needs, reply.CommitIndex) };
            }
        }

        Proceed();
    }

    /// <summary>Takes the snapshots that may be taken now.</summary>
    public void Proceed()
    {
        for (var i = 0; i < _waiting.Count; i++)
        {
            var shared = state.Rules.BackupNeedsSharedLog && state.Rules.BackupAsksPrimary ? member.Shared : long.MaxValue;
            if (!_waiting[i].Asked && Math.Min(state.CommitIndex, shared) >= _waiting[i].Needs)
            {
                _waiting[i] = _waiting[i] with { Asked = true };
                state.Emit(new TakeSnapshot(_waiting[i].Read));
            }
        }
    }

    public bool SnapshotTaken(long read)
    {
        var index = _waiting.FindIndex(waiting => waiting.Read == read);
        if (index < 0)
        {
            return false;
        }

        _waiting.RemoveAt(index);
        state.Emit(new AnswerRead(read));
        return true;
    }

    public void Tick(long now)
    {
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            if (now - _waiting[i].Since > state.Timings.HeartbeatTimeout)
            {
                state.Emit(new RefuseRead(_waiting[i].Read));
                _waiting.RemoveAt(i);
            }
        }
    }

    private readonly record struct Waiting(long Read, long Since, long Needs, bool Asked);
}
