namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>
/// What this replica handed to its journal and what of it is durable. The journal is one sequence: appends, cuts and terms become durable in the
/// order in which they were handed over.
/// </summary>
internal sealed class JournalQueue(LogIndex log, List<ReplicaEffect> effects, long persistedTerm)
{
    private readonly List<Waiting> _waiting = [];
    private long _ticket;

    /// <summary>Highest seq of the log as it is now that is durable here.</summary>
    public long Durable { get; private set; } = log.End.Seq;

    /// <summary>Highest term that is durable here.</summary>
    public long PersistedTerm { get; private set; } = persistedTerm;

    public void Append(LogRecord record)
    {
        log.Append(record.Point);
        _waiting.Add(new Waiting(++_ticket, record.Point.Seq, 0));
        effects.Add(new AppendToJournal(_ticket, record));
    }

    public void CutBack(long seq)
    {
        log.CutBack(seq);
        Durable = Math.Min(Durable, seq);
        for (var i = 0; i < _waiting.Count; i++)
        {
            if (_waiting[i].Seq > seq)
            {
                _waiting[i] = _waiting[i] with { Seq = seq };
            }
        }

        _waiting.Add(new Waiting(++_ticket, 0, 0));
        effects.Add(new CutBackJournal(_ticket, seq));
    }

    public void PersistTerm(long term, NodeId primary)
    {
        _waiting.Add(new Waiting(++_ticket, 0, term));
        effects.Add(new PersistTerm(_ticket, term, primary));
    }

    /// <summary>Everything up to the ticket is durable.</summary>
    public void Synced(long ticket)
    {
        var done = 0;
        while (done < _waiting.Count && _waiting[done].Ticket <= ticket)
        {
            Durable = Math.Max(Durable, _waiting[done].Seq);
            PersistedTerm = Math.Max(PersistedTerm, _waiting[done].Term);
            done++;
        }

        _waiting.RemoveRange(0, done);
    }

    /// <summary>The log begins anew behind a durable checkpoint.</summary>
    public void Reset(LogPoint start)
    {
        log.Reset(start);
        Durable = start.Seq;
        for (var i = 0; i < _waiting.Count; i++)
        {
            _waiting[i] = _waiting[i] with { Seq = 0 };
        }
    }

    private readonly record struct Waiting(long Ticket, long Seq, long Term);
}
