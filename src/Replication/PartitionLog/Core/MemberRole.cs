namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>
/// A replica towards the primary of the term it has entered: promises, accepts records, cuts back what that primary does not have, grants reads.
/// Backups and learners do the same; they differ only in what the primary makes of their answers.
/// </summary>
internal sealed class MemberRole(ReplicaState state, long now)
{
    private readonly GivenGrant _grant = new(state, now);
    private long _wantedTerm;
    private NodeId _wantedBy;
    private bool _promiseDue;
    private long _matched;
    private long _committed;
    private long _reported;
    private long _heardAt = now;
    private long _complainedAt = now;

    /// <summary>Up to here the log is known to be that of this term's primary.</summary>
    public long Shared => _matched;

    /// <summary>What counts of this log for that primary.</summary>
    private long DurableShared => Math.Min(
        state.Rules.ReportsOnlyDurable ? state.Journal.Durable : state.Log.End.Seq,
        state.Rules.ReportsOnlyMatched ? _matched : long.MaxValue);

    /// <summary>Whom this replica followed when it entered its own term.</summary>
    public NodeId Former { get; private set; }

    /// <summary>When that one was last heard.</summary>
    public long FormerHeardAt { get; private set; }

    /// <summary>Enters the own new term, unless a grant forbids it still.</summary>
    public bool TryEnterOwn(long term, long now)
    {
        if (!_grant.Allows(state.Self.Node, now))
        {
            return false;
        }

        (Former, FormerHeardAt) = (state.TermOf, _heardAt);
        Enter(term, state.Self.Node);
        return true;
    }

    public void OnPromiseRequest(NodeId from, PromiseRequest request, long now)
    {
        if (request.Term < state.Term && state.Rules.RefusesOldTerms)
        {
            state.Send(from, new TermRefused(request.Term, state.Term));
            return;
        }

        _heardAt = now;
        state.Saw(request.Term);
        if (request.Term == state.Term)
        {
            _promiseDue = from == state.TermOf;
        }
        else if (request.Term >= _wantedTerm)
        {
            _wantedTerm = request.Term;
            _wantedBy = from;
        }

        Proceed(now);
    }

    /// <summary>Enters a term that waits as soon as the grant allows it, and says so once that is durable.</summary>
    public void Proceed(long now)
    {
        if (_wantedTerm > state.Term || (_wantedTerm > 0 && _wantedTerm != state.Term && !state.Rules.RefusesOldTerms))
        {
            if (!_grant.Allows(_wantedBy, now))
            {
                return;
            }

            Enter(_wantedTerm, _wantedBy);
            _promiseDue = true;
            _wantedTerm = 0;
        }

        if (_promiseDue && (state.TermIsDurable || !state.Rules.PersistsTermFirst))
        {
            _promiseDue = false;
            state.Send(state.TermOf, new Promise(state.Term, state.Self.Incarnation, state.Log.Summary()));
        }
    }

    public void OnAppend(NodeId from, AppendRecords message, long now)
    {
        if (state.Installing || !Follows(from, message.Term))
        {
            return;
        }

        _heardAt = now;
        var (shared, skip) = Connect(message);
        if (!shared)
        {
            state.Send(from, new AppendMismatch(message.Term, state.Self.Incarnation, state.Log.Summary()));
            return;
        }

        var appended = false;
        for (var i = skip; i < message.Records.Length; i++)
        {
            var record = message.Records[i];
            if (record.Point.Seq <= state.Log.End.Seq)
            {
                if (state.Log.Holds(record.Point))
                {
                    continue;
                }

                if (!CutBack(record.Point.Seq - 1))
                {
                    return;
                }
            }

            state.Journal.Append(record);
            appended = true;
        }

        _matched = Math.Max(_matched, message.Previous.Seq + message.Records.Length);
        Learn(message.CommitIndex);
        if (!appended || !state.Rules.ReportsOnlyDurable)
        {
            Report(from, message.Term);
        }
    }

    public void OnHeartbeat(NodeId from, Heartbeat message, long now)
    {
        if (!Follows(from, message.Term))
        {
            return;
        }

        _heardAt = now;
        Learn(message.CommitIndex);
        var granted = (state.SeenTerm <= message.Term && !_grant.IsReleased(message.Term)) || !state.Rules.RefusesOldTerms;
        if (granted)
        {
            _grant.Give(from, message.Term, now);
        }

        state.Send(from, new HeartbeatReply(message.Term, state.Self.Incarnation, message.SentAt, DurableShared, granted));
    }

    public void OnGrantReleased(NodeId from, GrantReleased message, long now)
    {
        _grant.Release(from, message.Term);
        Proceed(now);
    }

    public void OnSynced(long now)
    {
        Proceed(now);
        if (state.TermOf != state.Self.Node && DurableShared > _reported)
        {
            Learn(_committed);
            Report(state.TermOf, state.Term);
        }
    }

    public void Tick(long now)
    {
        Proceed(now);
        if (state.Entry is { } entry && entry.Primary != state.Self.Node && entry.IsInSync(state.Self)
            && now - Math.Max(_heardAt, _complainedAt) > state.Timings.HeartbeatTimeout)
        {
            _complainedAt = now - (state.Timings.HeartbeatTimeout / 2);
            state.Emit(new ReportPrimaryMissing(entry.Term));
        }
    }

    /// <summary>The log was replaced: what is shared has to be found out again.</summary>
    public void ForgetShared() => _matched = 0;

    private void Enter(long term, NodeId primary)
    {
        state.EnterTerm(term, primary);
        _matched = 0;
        _reported = 0;
        _committed = 0;
    }

    /// <summary>Whether a message of that term comes from the primary that this replica follows.</summary>
    public bool Follows(NodeId from, long term)
    {
        if (term < state.Term)
        {
            if (state.Rules.RefusesOldTerms)
            {
                state.Send(from, new TermRefused(term, state.Term));
                return false;
            }

            return true;
        }

        return term == state.Term && from == state.TermOf && (state.TermIsDurable || !state.Rules.PersistsTermFirst);
    }

    /// <summary>Whether the records continue this log, and how many of them lie below its base.</summary>
    private (bool Shared, int Skip) Connect(AppendRecords message)
    {
        var log = state.Log;
        if (message.Previous.Seq >= log.Base.Seq)
        {
            return (log.Holds(message.Previous) || (!state.Rules.RefusesMismatch && message.Previous.Seq <= log.End.Seq), 0);
        }

        // An old message: what lies up to the base is committed, and held in the checkpoint.
        var below = (int)Math.Min(log.Base.Seq - message.Previous.Seq, message.Records.Length);
        return (message.Previous.Seq + below < log.Base.Seq || message.Records[below - 1].Point == log.Base, below);
    }

    private bool CutBack(long seq)
    {
        if (seq < state.CommitIndex && state.Rules.StartsOverBelowCommit)
        {
            state.StartOver($"the primary of term {state.Term} does not have what was committed here up to {state.CommitIndex}: its log parts at {seq}");
            return false;
        }

        state.Journal.CutBack(seq);
        return true;
    }

    /// <summary>Applies what the primary says is committed, as far as it is known to be here, and durable: a restart never takes a head back.</summary>
    private void Learn(long commitIndex)
    {
        _committed = Math.Max(_committed, commitIndex);
        state.Commit(state.Rules.AppliesOnlyCommitted ? Math.Min(_committed, DurableShared) : _matched);
    }

    private void Report(NodeId to, long term)
    {
        _reported = DurableShared;
        state.Send(to, new Appended(term, state.Self.Incarnation, _reported));
    }
}
