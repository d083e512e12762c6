using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// The log of one partition on this node, as primary, backup or learner: the shell around <see cref="ReplicaCore"/> (docs/replication.md), which talks to the
/// journal, the partition table, the other replicas and the owner of the state. Except where said, everything runs on the owner's mailbox, one call
/// at a time; what happens elsewhere waits in an inbox until <see cref="Advance"/>.
/// <para>
/// A journal that refuses something (a full disk), and a log that has to be given up, end the present core as a crash of the process would: what is
/// pending is dropped, and a new core goes on behind what is durable (<see cref="LogRestart"/>).
/// </para>
/// </summary>
public sealed class ReplicatedLog
{
    // Milliseconds between two looks at how far others are behind.
    private const long LagsEvery = 1000;

    // Milliseconds: replicas that all fail alike must not take the lead from each other for ever.
    private const long LongestAskPause = 600_000;

    private readonly LogShellParts _parts;
    private readonly IPartitionLogOwner _owner;
    private readonly LogInbox _inbox;
    private readonly LogRetreat _retreat;
    private readonly JournalTickets _tickets;
    private readonly LogEffects _effects;
    private readonly LogRestart _restart;
    private readonly EntryFetcher _fetcher;
    private readonly bool _mayHaveLost;
    private ReplicaCore? _core;
    private TableEntry? _entry;
    private long _fetchNotBefore = long.MinValue;
    private long _unlistedSince = long.MaxValue;
    private bool _isAccepted;
    private bool _isWanted;
    private volatile string? _refusal;
    private volatile bool _needsTicks = true;
    private volatile bool _isLeading;
    private volatile string? _trouble;
    private volatile PartitionEntry? _knownEntry;
    private volatile KnownLags? _lags;
    private long _lagsAt = -LagsEvery;
    private long _readableUntil = long.MinValue;
    private volatile bool _hasFailed;
    private long _askNotBefore = long.MinValue;
    private long _askPause;

    internal ReplicatedLog(LogShellParts parts, PartitionId partition, IPartitionLogOwner owner, RecoveredLog recovered)
    {
        _parts = parts;
        _owner = owner;
        Partition = partition;
        _refusal = recovered.Refusal;
        _mayHaveLost = recovered.MayHaveLost;
        _inbox = new LogInbox(owner.LogProgressed);
        _retreat = new LogRetreat(partition, parts, _inbox);
        _tickets = new JournalTickets(_inbox);
        _fetcher = new EntryFetcher(partition, parts, _inbox);
        _effects = new LogEffects(partition, parts, owner, _inbox, _tickets, _fetcher, recovered);
        _restart = new LogRestart(partition, parts, owner, _tickets, _effects, recovered);
        if (_refusal is null && !_mayHaveLost)
        {
            _core = _restart.NewCore();
        }
    }

    /// <summary>The partition.</summary>
    public PartitionId Partition { get; }

    /// <summary>Why the partition cannot be opened here at all, or null. Any thread.</summary>
    public string? Refusal => _refusal;

    /// <summary>Whether a record can be appended now.</summary>
    public bool CanAppend => _core is { CanAppend: true } && _tickets.Error is null;

    /// <summary>Whether this replica leads: it takes appends, or will again after a hand-off that fails. Any thread.</summary>
    public bool IsLeading => _isLeading;

    /// <summary>Why the log does not take appends and waiting will hardly help: the disk, or the table, does not answer. Null while it may open. Any thread.</summary>
    public string? Trouble
    {
        get => _trouble;
        private set => _trouble = value;
    }

    /// <summary>The journal has failed: every log of the node has to be recovered from disk.</summary>
    public JournalFailedException? JournalFailure => _tickets.Error as JournalFailedException;

    /// <summary>The term entered.</summary>
    public long Term => _core?.Term ?? 0;

    /// <summary>Seq of the last record, committed or pending: what a request that is validated now has to wait for.</summary>
    public long End => _core?.Log.End.Seq ?? Applied.Seq;

    /// <summary>Highest committed seq.</summary>
    public long CommitIndex => _core?.CommitIndex ?? 0;

    /// <summary>Last record that the owner has been fed with.</summary>
    public LogPoint Applied => _effects.Applied;

    /// <summary>Bytes of records that are appended and not applied.</summary>
    public long PendingBytes => _effects.PendingBytes;

    /// <summary>The newest entry of the table known here, or null. Any thread.</summary>
    public PartitionEntry? KnownEntry => _knownEntry;

    /// <summary>Whether another node is the partition's primary, as far as is known here. Any thread.</summary>
    public bool IsLedElsewhere => _knownEntry is { } entry && entry.Primary != _parts.Node;

    /// <summary>
    /// Whether what was read from the owner's state may be given out: evaluated after it was read, on any thread. True says that nobody can have acknowledged
    /// anything before that the state lacked. In a process alone nobody else ever acknowledges anything: its heads can be read while its logs cannot be
    /// opened.
    /// </summary>
    public bool MayAnswerReads => _parts.Transport is null || _parts.Now < Volatile.Read(ref _readableUntil);

    /// <summary>Where the partition's checkpoint stands.</summary>
    public string CheckpointPath => _parts.CheckpointOf(Partition);

    /// <summary>Whether the passing of time means anything to this log. Any thread.</summary>
    internal bool NeedsTicks => _needsTicks || _effects.IsReleaseDue;

    /// <summary>
    /// Asks for the log to be opened here: its entry is looked for and, with <paramref name="create"/>, made. What comes of it shows after some
    /// <see cref="Advance"/>.
    /// </summary>
    public void Want(bool create)
    {
        if (create && !_isWanted)
        {
            _isWanted = true;
            _fetchNotBefore = long.MinValue;
        }

        if (!_isAccepted && _refusal is null && _parts.Now >= _fetchNotBefore)
        {
            _fetchNotBefore = _parts.Now + _parts.Options.Timings.Resend;
            _fetcher.Begin(_restart.Epoch, _effects.End(_core), _mayHaveLost && _core is null, _isWanted);
        }
    }

    /// <summary>
    /// Appends a record (bytes are copied) and returns its seq; it is applied once committed. Throws <see cref="LogLostException"/> if the log takes no
    /// appends, <see cref="Common.IO.DiskFullException"/>, <see cref="JournalOverloadedException"/> or <see cref="JournalFailedException"/>; then nothing was
    /// appended.
    /// </summary>
    public long Append(RecordKind kind, ReadOnlySpan<byte> payload)
    {
        if (!CanAppend)
        {
            throw new LogLostException($"partition {Partition} does not take writes: {Trouble ?? "its log is not open"}", null);
        }

        _parts.RequireWritten(kind);
        if (_parts.Journal.Refusal(kind, payload.Length) is { } refusal)
        {
            if (refusal is JournalFailedException)
            {
                // It may have failed while nothing waited for it, as in a sync between two rounds: nobody has been told.
                _tickets.Refused(refusal);
                _inbox.Wake();
            }

            throw refusal;
        }

        var seq = _core!.Log.End.Seq + 1;
        var point = new LogPoint(_core.Term, seq, RecordChecksum.Of(Partition, _core.Term, seq, kind, payload));
        _core.Append(new LogRecord(point, kind, payload.ToArray()), _parts.Now);
        CarryOut();
        if (_tickets.Error is IOException error)
        {
            throw error;
        }

        return seq;
    }

    /// <summary>
    /// Takes in what has happened: reports of the journal, messages, answers of the table, time. Applies what is committed. An answer may be given to
    /// everything up to <see cref="Applied"/> that was appended here, unless <see cref="IPartitionLogOwner.Closed"/> came before.
    /// </summary>
    public void Advance()
    {
        _inbox.Begin();
        TakeReports();
        while (_inbox.TryTake(out var happened))
        {
            Handle(happened);
            TakeReports();
        }

        if (_restart.IsUnderWay)
        {
            _restart.Proceed();
            if (_restart.IsDone)
            {
                Trouble = null;
                _core = _restart.NewCore();
                if (_entry is not null)
                {
                    _core.EntrySeen(_entry, _parts.Now);
                }

                CarryOut();
            }
        }

        _needsTicks = _refusal is null && (_parts.Transport is not null || !_isLeading);
    }

    /// <summary>
    /// The owner has ended, in order or because it has failed, and takes in nothing more: what happens from now on is dropped. Any thread.
    /// </summary>
    public void OwnerEnded(bool hasFailed)
    {
        _hasFailed = hasFailed;
        _inbox.Close();
    }

    /// <summary>This replica, as the table names it.</summary>
    public ReplicaRef Self => _parts.SelfOf(_restart.Epoch).ToRef();

    /// <summary>What a checkpoint of the state as it is now stands for.</summary>
    public CheckpointHeader CheckpointHere() =>
        new(Partition, Applied.Term, Applied.Seq, Applied.Crc, _parts.SelfOf(_restart.Epoch).Incarnation);

    /// <summary>A checkpoint with what was applied up to a point is durable: the journal may drop it, once no replica needs it. Does I/O.</summary>
    public void Checkpointed(CheckpointHeader checkpoint)
    {
        if (_core is not null && !_restart.IsUnderWay)
        {
            _core.CheckpointStored(new LogPoint(checkpoint.Term, checkpoint.Seq, checkpoint.Crc));
            CarryOut();
        }
    }

    /// <summary>The entry as recovery found it in the table, before the mailbox runs: it is used if it fits the log, else asked for again.</summary>
    internal void Offer(PartitionEntry entry)
    {
        var self = _parts.SelfOf(_restart.Epoch).ToRef();
        var facts = new EntryFacts(Partition, self, static _ => false, entry, _effects.End(_core), _mayHaveLost);
        _knownEntry = entry;
        if (_refusal is null && EntryDecision.Decide(facts).Action == EntryAction.Use)
        {
            _inbox.Add(new EntryArrived(entry.ToEntry(), WasReadBack: false));
        }
    }

    /// <summary>The log as the table names it, null where there is none that could lead. Any thread; it may be another a moment later.</summary>
    internal ReplicaId? Replica => _refusal is null && Volatile.Read(ref _core) is not null ? _parts.SelfOf(_restart.Epoch) : null;

    /// <summary>How far other replicas are behind this one, at most about a second ago; null where it does not lead. Any thread.</summary>
    internal KnownLags? Lags => _lags;

    /// <summary>Completes once the entry is known to the log. Any thread.</summary>
    internal Task LearnAsync(TableEntry entry)
    {
        var known = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _inbox.Add(new EntryOrdered(entry, known));
        return known.Task;
    }

    /// <summary>Whether another replica is in sync, so that it can lead instead. Any thread.</summary>
    public bool HasSuccessor => _knownEntry is { } entry && entry.InSync.Any(member => member.Node != _parts.Node);

    /// <summary>
    /// Asks for the lead to be handed to another replica that is in sync. True while this replica leads and there is one, so that asking again makes sense. Any
    /// thread.
    /// </summary>
    internal bool HandOff() => _isLeading && _knownEntry is { } known && _retreat.HandOff(known.ToEntry());

    /// <summary>
    /// Asks the primary to do without this replica. True while it is counted on and others would be enough, so that asking again makes sense. Any thread.
    /// </summary>
    internal bool StandAside() => !_isLeading && _knownEntry is { } known && _retreat.StandAside(known.ToEntry());

    /// <summary>An entry of the table came with a view of the cluster. Any thread.</summary>
    internal void Seen(PartitionEntry entry)
    {
        if (_hasFailed && (_knownEntry is not { } known || entry.Version > known.Version))
        {
            _knownEntry = entry;
        }

        _inbox.Add(new EntryPushed(entry.ToEntry()));
    }

    /// <summary>
    /// Asks for another primary where the table names this node and it cannot lead: the node lives, so nobody else misses its primary. Again and again, with pauses
    /// that grow. For the thread of the clock.
    /// </summary>
    internal void AskReplacement()
    {
        if ((_hasFailed || _refusal is not null || _owner.Damage is not null)
            && _parts.Reports is { } reports
            && _knownEntry is { } entry
            && entry.Primary == _parts.Node
            && HasSuccessor
            && _parts.Now >= _askNotBefore)
        {
            _askPause = Math.Clamp(_askPause * 2, _parts.Options.Timings.Stuck / 2, LongestAskPause);
            _askNotBefore = _parts.Now + _askPause;
            reports.AskReplacement(Partition, entry.Term);
        }
    }

    /// <summary>Something happened elsewhere. Any thread.</summary>
    internal void Tell(LogEvent happened) => _inbox.Add(happened);

    private void TakeReports()
    {
        var ticket = _tickets.Take();
        if (ticket > 0 && _core is not null)
        {
            _core.JournalSynced(ticket, _parts.Now);
            CarryOut();
        }

        _effects.ReleaseJournal();
        if (_tickets.Error is not { } error)
        {
            return;
        }

        if (error is JournalFailedException)
        {
            if (_core is not null)
            {
                Close(error.Message);
                _core = null;
            }
        }
        else if (!_restart.IsUnderWay)
        {
            Restart(anew: false, error.Message);
        }
    }

    private void Handle(LogEvent happened)
    {
        switch (happened)
        {
            case EntryArrived arrived:
                Trouble = null;
                Know(arrived.Entry);
                if (_refusal is null && !_restart.IsUnderWay && JournalFailure is null)
                {
                    // What might have been lost was not: the partition is new.
                    _core ??= _restart.NewCore();
                }

                if (arrived.WasReadBack)
                {
                    _core?.EntryRead(arrived.Entry, _parts.Now);
                }
                else
                {
                    _core?.EntrySeen(arrived.Entry, _parts.Now);
                }

                break;
            case EntryOrdered ordered:
                Know(ordered.Entry);
                _core?.EntrySeen(ordered.Entry, _parts.Now);
                ordered.Known.TrySetResult();
                break;
            case EntryPushed pushed when _isAccepted || _refusal is not null:
                Know(pushed.Entry);
                _core?.EntrySeen(pushed.Entry, _parts.Now);
                break;
            case EntryPushed:
                Want(create: false);
                break;
            case EntryRefused refused:
                _refusal = refused.Reason;
                Close(refused.Reason);
                _core = null;
                break;
            case EntryMissing missing when !_isAccepted:
                if (Trouble != missing.Reason)
                {
                    Close(missing.Reason);
                }

                break;
            case EntryAbsent when _isWanted:
                // Somebody asked while the table was being read.
                _fetchNotBefore = long.MinValue;
                Want(create: true);
                break;
            case EntryUnknown unknown:
                Trouble = unknown.Reason;
                break;
            case LogGivenUp given:
                Know(given.Entry);
                Restart(anew: true, given.Reason);
                break;
            case CasAnswered answer:
                Take(answer);
                break;
            case MessageArrived { Message: AppendRecords { Records.Length: > 0 } } when _parts.Journal.IsLow && IsLearner:
                // Nobody counts on this replica: the reserve is not for it. The primary sends it all again.
                break;
            case MessageArrived message:
                _core?.Receive(message.From, message.Message, _parts.Now);
                break;
            case CheckpointArrived checkpoint when _core is not null:
                _effects.Arrived = checkpoint;
                _core.CheckpointReceived(checkpoint.From, checkpoint.Term, checkpoint.Point);
                break;
            case RecordsRead read:
                _effects.RecordsRead(_core, read);
                break;
            case Ticked:
                Tick();
                break;
        }

        CarryOut();
    }

    private void Take(CasAnswered answer)
    {
        if (answer.Outcome == CasOutcome.Done)
        {
            // The next core takes its term from here: with an older entry it would be refused, and would have to wait before it reads the table.
            Know(answer.Proposed);
        }

        if (answer.Proposed.Writer == _restart.Writer)
        {
            if (_core is not null)
            {
                Trouble = answer.Outcome == CasOutcome.Unknown ? "the partition table does not answer" : null;
                _core.CasCompleted(answer.Proposed.Counter, answer.Outcome, _parts.Now);
            }
        }
        else if (answer.Outcome == CasOutcome.Done)
        {
            _core?.EntrySeen(answer.Proposed, _parts.Now);
        }
    }

    private bool IsLearner => _knownEntry is { } entry && entry.Learners.Any(learner => learner.Node == _parts.Node);

    private void Tick()
    {
        if (_retreat.IsDue)
        {
            _ = HandOff() || StandAside();
        }

        if (!_isAccepted)
        {
            Want(create: false);
        }

        _effects.Tick(_core);
        _core?.Tick(_parts.Now);
        LookAtLags();
        LeaveIfUnlisted();
    }

    private void LookAtLags()
    {
        if (_isLeading && _core is { } core && _parts.Now - _lagsAt >= LagsEvery)
        {
            _lagsAt = _parts.Now;
            _lags = new KnownLags(core.Term, core.Lags(_lagsAt));
        }
    }

    private void Know(TableEntry entry)
    {
        _isAccepted = true;
        if (_entry is null || entry.Version > _entry.Version)
        {
            _entry = entry;
            _knownEntry = entry.ToDocument();
            _unlistedSince = entry.Lists(_parts.SelfOf(_restart.Epoch).Node) ? long.MaxValue : Math.Min(_unlistedSince, _parts.Now);
        }
    }

    /// <summary>A replica that the table has not listed for long gives its records back.</summary>
    private void LeaveIfUnlisted()
    {
        if (_core is { Phase: PrimaryPhase.None } && End > 0 && _parts.Now - _unlistedSince > _parts.Options.LeaveAfter && _unlistedSince != long.MaxValue && !_restart.IsUnderWay)
        {
            _unlistedSince = long.MaxValue;
            Restart(anew: true, "the table has not listed this replica for long");
        }
    }

    private void Restart(bool anew, string reason)
    {
        Close(reason);
        _restart.Begin(_core, anew);
        _core = null;
        _isAccepted = _entry is not null;
    }

    private void Close(string reason)
    {
        Volatile.Write(ref _readableUntil, long.MinValue);
        _isLeading = false;
        _lags = null;
        Trouble = reason;
        _owner.Closed($"partition {Partition}: {reason}");
    }

    private void CarryOut()
    {
        while (_core is { Effects.Count: > 0 } core)
        {
            Publish(core);
            var outcome = _effects.CarryOut(core);
            if (outcome.Closed is { } closed)
            {
                Trouble = closed;
            }

            if (outcome.StartOver is { } reason)
            {
                Restart(anew: true, reason);
            }
            else if (outcome.Installed is { } point)
            {
                core.CheckpointInstalled(point);
            }
        }

        Publish(_core);
    }

    /// <summary>Before effects are carried out: the release of grants is one of them.</summary>
    private void Publish(ReplicaCore? core)
    {
        _isLeading = core is { Phase: PrimaryPhase.Open };
        _lags = _isLeading ? _lags : null;
        Volatile.Write(ref _readableUntil, core?.ReadableUntil ?? long.MinValue);
    }
}
