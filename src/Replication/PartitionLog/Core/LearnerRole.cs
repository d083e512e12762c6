namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>A replica whose log the primary cannot continue: it takes a checkpoint, or gives its log up first.</summary>
internal sealed class LearnerRole(ReplicaState state, MemberRole member)
{
    /// <summary>A checkpoint has arrived whole from the primary: only an empty log can take it, any other one that lacks it starts over first.</summary>
    public void OnCheckpointReceived(NodeId from, long term, LogPoint point)
    {
        if (state.Installing || !member.Follows(from, term))
        {
            return;
        }

        if (point.Seq < state.Log.Base.Seq || state.Log.Holds(point))
        {
            // It was installed before, and the primary did not hear of it.
            state.Send(from, new AppendMismatch(term, state.Self.Incarnation, state.Log.Summary()));
            return;
        }

        if (state.Log.End.Seq > 0)
        {
            GiveUp(term, $"a log that ends at {state.Log.End} cannot take a checkpoint at {point}");
            return;
        }

        // Until it is installed the log stays empty: it could come only behind records that the checkpoint replaces.
        state.Installing = true;
        state.Emit(new InstallCheckpoint(point));
    }

    public void OnForeignLog(NodeId from, ForeignLog message)
    {
        if (member.Follows(from, message.Term) && state.Log.Base == message.Base)
        {
            GiveUp(message.Term, $"the primary of term {state.Term} has another history than the one that ends at {state.Log.End}");
        }
    }

    public void OnCheckpointInstalled(LogPoint point)
    {
        state.Installing = false;
        state.Installed(point);
        member.ForgetShared();
        state.Send(state.TermOf, new AppendMismatch(state.Term, state.Self.Incarnation, state.Log.Summary()));
    }

    /// <summary>
    /// Starts over at a primary's word, but not if that may be an old one: the table has to be known as of that term, and not to list this log.
    /// </summary>
    private void GiveUp(long term, string reason)
    {
        if (!state.Rules.KeepsListedLog || (state.SeenTerm <= term && state.Entry is { } entry && entry.Term == term && !entry.IsInSync(state.Self)))
        {
            state.StartOver(reason);
        }
    }
}
