namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>What all parts of a replica share: its log, its terms, the entry it knows, and the effects of the present call.</summary>
internal sealed class ReplicaState
{
    private bool _applyLate;

    public ReplicaState(RecoveredReplica recovered, ulong writer, ITermStart termStart, ProtocolTimings timings, ProtocolRules rules)
    {
        Self = recovered.Self;
        Writer = writer;
        TermStart = termStart;
        Timings = timings;
        Rules = rules;
        Log = recovered.Log;
        Journal = new JournalQueue(Log, Effects, recovered.Term);
        Term = recovered.Term;
        TermOf = recovered.TermOf;
        SeenTerm = recovered.Term;
        CommitIndex = recovered.Applied;
        Checkpoint = Log.Base;
    }

    public List<ReplicaEffect> Effects { get; } = [];

    public ReplicaId Self { get; }

    /// <summary>This process, as a writer of the table.</summary>
    public ulong Writer { get; }

    public ITermStart TermStart { get; }

    public ProtocolTimings Timings { get; }

    public ProtocolRules Rules { get; }

    public LogIndex Log { get; }

    public JournalQueue Journal { get; }

    /// <summary>The term entered: nothing of a lower one is accepted. Counts once <see cref="JournalQueue.PersistedTerm"/> has reached it.</summary>
    public long Term { get; private set; }

    /// <summary>Primary of that term.</summary>
    public NodeId TermOf { get; private set; }

    /// <summary>Highest term known to stand, or to have stood, in the table.</summary>
    public long SeenTerm { get; private set; }

    /// <summary>Highest seq known to be committed; never falls.</summary>
    public long CommitIndex { get; private set; }

    /// <summary>Newest checkpoint of this replica.</summary>
    public LogPoint Checkpoint { get; set; }

    /// <summary>Newest entry known.</summary>
    public TableEntry? Entry { get; private set; }

    /// <summary>A checkpoint is being made this replica's own; nothing is appended meanwhile.</summary>
    public bool Installing { get; set; }

    /// <summary>The log is given up; a new core takes over.</summary>
    public bool Stopped { get; private set; }

    public bool TermIsDurable => Journal.PersistedTerm >= Term;

    public void Emit(ReplicaEffect effect) => Effects.Add(effect);

    public void Send(NodeId to, ReplicaMessage message) => Effects.Add(new Send(to, message));

    public void Saw(long term) => SeenTerm = Math.Max(SeenTerm, term);

    public void Saw(TableEntry entry)
    {
        if (Entry is null || entry.Version > Entry.Version)
        {
            Entry = entry;
        }

        Saw(entry.Term);
    }

    /// <summary>Enters a term; the caller has made sure that it may.</summary>
    public void EnterTerm(long term, NodeId primary)
    {
        Term = term;
        TermOf = primary;
        Journal.PersistTerm(term, primary);
    }

    public void Commit(long seq)
    {
        if (seq > CommitIndex)
        {
            CommitIndex = seq;
            _applyLate = !Rules.AppliesBeforeAcknowledging;
            if (!_applyLate)
            {
                Emit(new ApplyCommitted(seq));
            }
        }
    }

    /// <summary>Only without its rule is there anything left to apply.</summary>
    public void ApplyLate()
    {
        if (_applyLate)
        {
            _applyLate = false;
            Emit(new ApplyCommitted(CommitIndex));
        }
    }

    /// <summary>The log was replaced by a checkpoint, which holds committed records only.</summary>
    public void Installed(LogPoint point)
    {
        Journal.Reset(point);
        Checkpoint = point;
        CommitIndex = point.Seq;
    }

    public void StartOver(string reason)
    {
        Stopped = true;
        Emit(new StartOver(reason));
    }
}
