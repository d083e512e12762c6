using System.Collections.Immutable;

namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>
/// One replica of one partition as a pure state machine (docs/replication.md). Calls are its inputs: messages, ticks, finished I/O, table entries,
/// requests; <see cref="Effects"/> are its outputs, in order, to be carried out and cleared after each call. No I/O, clock, thread or chance: time is
/// passed in, in milliseconds of a clock that never goes back while the process lives.
/// </summary>
internal sealed class ReplicaCore
{
    private readonly ReplicaState _state;
    private readonly MemberRole _member;
    private readonly LearnerRole _learner;
    private readonly PrimaryRole _primary;
    private readonly BackupReads _backupReads;

    /// <summary>A replica at the start of its process, or of a new incarnation.</summary>
    /// <param name="recovered">What its disk holds.</param>
    /// <param name="writer">Names this process in the table; never used before.</param>
    /// <param name="termStart">Encodes term starts.</param>
    /// <param name="timings">Times.</param>
    /// <param name="rules">All, outside of tests.</param>
    /// <param name="now">Milliseconds.</param>
    public ReplicaCore(RecoveredReplica recovered, ulong writer, ITermStart termStart, ProtocolTimings timings, ProtocolRules rules, long now)
    {
        _state = new ReplicaState(recovered, writer, termStart, timings, rules);
        _member = new MemberRole(_state, now);
        _learner = new LearnerRole(_state, _member);
        _primary = new PrimaryRole(_state, _member, now);
        _backupReads = new BackupReads(_state, _member);
    }

    /// <summary>What to do after the last call; the driver clears it.</summary>
    public List<ReplicaEffect> Effects => _state.Effects;

    public ReplicaId Self => _state.Self;

    public LogIndex Log => _state.Log;

    /// <summary>The term entered.</summary>
    public long Term => _state.Term;

    public long CommitIndex => _state.CommitIndex;

    public TableEntry? Entry => _state.Entry;

    public PrimaryPhase Phase => _primary.Phase;

    /// <summary>Whether a request may be validated and appended now.</summary>
    public bool CanAppend => _primary.CanAppend;

    /// <summary>
    /// For reads at the primary: an answer may be given whose snapshot was taken while this replica was open, if the clock shows less when it has been
    /// taken. The driver publishes it after each call, before it carries out the effects: among them is the release of grants.
    /// </summary>
    public long ReadableUntil => _primary.ReadableUntil;

    /// <summary>Primary of the term entered.</summary>
    public NodeId TermOf => _state.TermOf;

    /// <summary>Highest seq of the log as it is now that is durable here.</summary>
    public long Durable => _state.Journal.Durable;

    /// <summary>How far other replicas are behind this one, which leads; empty where it does not.</summary>
    public ImmutableArray<PeerLag> Lags(long now) => _primary.Lags(now);

    /// <summary>Whether the log is given up.</summary>
    public bool IsStopped => _state.Stopped;

    /// <summary>Appends a record; its point names this term and the next seq.</summary>
    public void Append(LogRecord record, long now) => _primary.Append(record, now);

    /// <summary>
    /// The request has been validated and everything it wants is appended; it is acknowledged when all that it was validated against is committed,
    /// also if it appended nothing.
    /// </summary>
    public void Wait(long request, bool appended) => _primary.Wait(request, appended);

    /// <summary>Begins a read at a backup; at the primary readers look at <see cref="ReadableUntil"/> instead.</summary>
    public void ReadAsBackup(long read, long now)
    {
        if (_primary.Phase == PrimaryPhase.None && _state.Term > 0 && _state.TermOf != _state.Self.Node)
        {
            _backupReads.Begin(read, now);
        }
        else
        {
            _state.Emit(new RefuseRead(read));
        }
    }

    /// <summary>The snapshot of a read at a backup was taken.</summary>
    public void SnapshotTaken(long read)
    {
        if (!_backupReads.SnapshotTaken(read))
        {
            _state.Emit(new RefuseRead(read));
        }
    }

    public void Receive(NodeId from, ReplicaMessage message, long now)
    {
        if (_state.Stopped)
        {
            return;
        }

        switch (message)
        {
            case PromiseRequest request:
                _state.Saw(request.Term);
                _primary.KeepPlace();
                _member.OnPromiseRequest(from, request, now);
                break;
            case AppendRecords append:
                _member.OnAppend(from, append, now);
                _backupReads.Proceed();
                break;
            case Heartbeat heartbeat:
                _member.OnHeartbeat(from, heartbeat, now);
                _backupReads.Proceed();
                break;
            case GrantReleased released:
                _member.OnGrantReleased(from, released, now);
                break;
            case ForeignLog foreign:
                _learner.OnForeignLog(from, foreign);
                break;
            case CommitReply reply:
                _backupReads.OnCommitReply(reply);
                break;
            default:
                _primary.OnMessage(from, message, now);
                break;
        }
    }

    public void Tick(long now)
    {
        if (!_state.Stopped)
        {
            _state.ApplyLate();
            _member.Tick(now);
            _primary.Tick(now);
            _backupReads.Tick(now);
        }
    }

    /// <summary>The journal is durable up to a ticket.</summary>
    public void JournalSynced(long ticket, long now)
    {
        if (!_state.Stopped)
        {
            _state.Journal.Synced(ticket);
            _member.OnSynced(now);
            _primary.OnSynced(now);
            _backupReads.Proceed();
        }
    }

    /// <summary>The store answered a compare-and-swap.</summary>
    public void CasCompleted(long counter, CasOutcome outcome, long now) => _primary.OnCasOutcome(counter, outcome, now);

    /// <summary>An entry was pushed, polled or watched.</summary>
    public void EntrySeen(TableEntry entry, long now) => _primary.OnEntry(entry, wasReadBack: false, now);

    /// <summary>The answer to <see cref="ReadEntry"/>.</summary>
    public void EntryRead(TableEntry entry, long now) => _primary.OnEntry(entry, wasReadBack: true, now);

    /// <summary>A checkpoint of this replica's head, which holds committed records up to the point, is durable.</summary>
    public void CheckpointStored(LogPoint point)
    {
        _state.Checkpoint = point;
        var limit = _primary.ReleaseLimit(point.Seq);
        _state.Log.Release(limit);
        _state.Emit(new ReleaseRecords(limit));
    }

    /// <summary>The newest checkpoint is being sent to a peer; not said where an older one is still on its way there.</summary>
    public void CheckpointBegun(NodeId to) => _primary.CheckpointBegun(to);

    /// <summary>A checkpoint from the primary has arrived whole.</summary>
    public void CheckpointReceived(NodeId from, long term, LogPoint point) => _learner.OnCheckpointReceived(from, term, point);

    /// <summary>It is this replica's own now, durably, and in the head.</summary>
    public void CheckpointInstalled(LogPoint point) => _learner.OnCheckpointInstalled(point);
}
