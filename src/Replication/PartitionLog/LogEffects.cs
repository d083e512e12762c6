using System.Collections.Immutable;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.PartitionLog;

/// <summary>Carries out what a core wants done, in order: journal, head, table, other replicas. For the owner's mailbox.</summary>
internal sealed class LogEffects
{
    // A restart applies up to the last note at once, and keeps what follows in memory until the commit index is known.
    private const long NoteEveryRecords = 256;
    private const long NoteEveryMilliseconds = 1000;

    private readonly PartitionId _partition;
    private readonly LogShellParts _parts;
    private readonly IPartitionLogOwner _owner;
    private readonly LogInbox _inbox;
    private readonly JournalTickets _tickets;
    private readonly EntryFetcher _fetcher;
    private readonly LogCatchUp _catchUp;
    private readonly RecordBuffer _records = new();
    private long _notedCommit;
    private long _notedAt;
    private long _releaseTo;
    private long _releaseAfter = long.MaxValue;
    private long _releaseNotBefore;
    private volatile bool _isReleaseDue;

    public LogEffects(
        PartitionId partition, LogShellParts parts, IPartitionLogOwner owner, LogInbox inbox, JournalTickets tickets, EntryFetcher fetcher, RecoveredLog recovered)
    {
        _partition = partition;
        _parts = parts;
        _owner = owner;
        _inbox = inbox;
        _tickets = tickets;
        _fetcher = fetcher;
        _catchUp = new LogCatchUp(partition, parts, inbox);
        Reset(recovered.Applied);
        foreach (var record in recovered.Unapplied)
        {
            Add(record);
        }
    }

    /// <summary>Last record that the owner was fed with.</summary>
    public LogPoint Applied { get; private set; }

    /// <summary>Bytes of records that are not applied.</summary>
    public long PendingBytes { get; private set; }

    /// <summary>Whether the disk did not let segments go that may: that is tried again. Any thread.</summary>
    public bool IsReleaseDue => _isReleaseDue;

    /// <summary>The checkpoint that has arrived last.</summary>
    public CheckpointArrived? Arrived { get; set; }

    /// <summary>End of the log, with or without a core.</summary>
    public LogPoint End(ReplicaCore? core) => core?.Log.End ?? Applied;

    /// <summary>The log begins behind a point, all up to which is applied.</summary>
    public void Reset(LogPoint applied)
    {
        _records.Reset(applied.Seq + 1);
        Applied = applied;
        PendingBytes = 0;
        _notedCommit = applied.Seq;
        _releaseTo = 0;
    }

    /// <summary>The log ends at a seq, at or behind what is applied.</summary>
    public void CutBack(long seq)
    {
        for (var last = _records.Last; last > seq; last--)
        {
            PendingBytes -= _records[last].Payload.Length;
        }

        _records.CutBack(seq);
    }

    /// <summary>Writes a note into the journal; nobody waits for it.</summary>
    public void Note(RecordKind kind, long term, long seq, ReadOnlySpan<byte> payload)
    {
        _parts.RequireWritten(kind);
        HandOver(0, term, seq, kind, payload);
    }

    /// <summary>Records were read from the journal for a peer: sends them, if they still are this primary's to send.</summary>
    public void RecordsRead(ReplicaCore? core, RecordsRead read)
    {
        _catchUp.Taken(read);
        if (core is not null && core.Term == read.Message.Term)
        {
            _parts.Transport?.Send(read.To, _partition, read.Message);
        }
    }

    /// <summary>Notes the commit index now and then, where it cannot be derived from what is durable.</summary>
    public void Tick(ReplicaCore? core)
    {
        if (core is not null && _parts.Transport is not null && Applied.Seq > _notedCommit && _parts.Now - _notedAt >= NoteEveryMilliseconds)
        {
            NoteCommitted(core);
        }
    }

    /// <summary>Segments that were kept for the note of the term, or that a disk kept, may go once it has been written again, or a moment later. Does I/O.</summary>
    public void ReleaseJournal()
    {
        if (_tickets.Answered >= _releaseAfter && _tickets.Error is null)
        {
            _releaseAfter = long.MaxValue;
            TryRelease();
        }
        else if (_isReleaseDue && _parts.Now >= _releaseNotBefore && _tickets.Error is not JournalFailedException)
        {
            TryRelease();
        }
    }

    /// <summary>Carries out all effects and clears them; what the log itself has to do about them is the result.</summary>
    public EffectOutcome CarryOut(ReplicaCore core)
    {
        var outcome = default(EffectOutcome);
        foreach (var effect in core.Effects)
        {
            switch (effect)
            {
                case Send send:
                    _parts.Transport?.Send(send.To, _partition, send.Message);
                    break;
                case SendRecords send:
                    Send(core, send);
                    break;
                case SendCheckpoint send:
                    if (_parts.Transport?.SendCheckpoint(
                        send.To, _partition, send.Term, () => new DiskFileStream(_parts.Disk.OpenRead(_parts.CheckpointOf(_partition)))) == true)
                    {
                        core.CheckpointBegun(send.To);
                    }

                    break;
                case AppendToJournal append:
                    Add(append.Record);
                    HandOver(append.Ticket, append.Record.Point.Term, append.Record.Point.Seq, append.Record.Kind, append.Record.Payload.Span);
                    break;
                case CutBackJournal cut:
                    CutBack(cut.Seq);
                    HandOver(cut.Ticket, core.Term, cut.Seq, RecordKind.CutBack, []);
                    break;
                case PersistTerm term when _parts.IsOnly(core.Self, core.Entry):
                    _tickets.NothingToWrite(term.Ticket);
                    break;
                case PersistTerm term:
                    HandOver(term.Ticket, term.Term, core.Log.End.Seq, RecordKind.TermEntered, TermStartRecord.Node(term.Primary));
                    break;
                case ApplyCommitted apply:
                    Apply(core, apply.UpTo);
                    break;
                case CasEntry cas:
                    Swap(cas);
                    break;
                case ReadEntry:
                    _fetcher.ReadBack();
                    break;
                case CloseForWrites close:
                    var reason = $"a later term than {close.Term} has begun";
                    _owner.Closed($"partition {_partition}: {reason}");
                    outcome = outcome with { Closed = reason };
                    break;
                case InstallCheckpoint install:
                    outcome = Install(install.Point) ? outcome with { Installed = install.Point } : outcome with { StartOver = "a checkpoint that arrived could not be loaded" };
                    break;
                case StartOver over:
                    outcome = outcome with { StartOver = over.Reason };
                    break;
                case ReleaseRecords release:
                    Release(core, release.UpTo);
                    break;
                case ReportPrimaryMissing missing:
                    _parts.Reports?.PrimaryMissing(_partition, missing.Term);
                    break;
                case AskReplacement ask:
                    _parts.Reports?.AskReplacement(_partition, ask.Term);
                    break;
                case OpenForWrites:
                    // The owner sees it by asking.
                    break;
                default:
                    throw new InvalidOperationException($"a log does not know the effect {effect.GetType().Name}");
            }
        }

        core.Effects.Clear();
        return outcome;
    }

    private void Add(in LogRecord record)
    {
        _records.Add(record);
        PendingBytes += record.Payload.Length;
    }

    private void HandOver(long ticket, long term, long seq, RecordKind kind, ReadOnlySpan<byte> payload)
    {
        try
        {
            _parts.Journal.AppendAdmitted(_partition, term, seq, kind, payload, _tickets);
            _tickets.HandedOver(ticket);
        }
        catch (IOException exception)
        {
            _tickets.Refused(exception);
            _inbox.Wake();
        }
    }

    private void Apply(ReplicaCore core, long upTo)
    {
        for (var seq = Applied.Seq + 1; seq <= upTo; seq++)
        {
            var record = _records[seq];
            if (record.Kind.IsState())
            {
                _owner.Apply(seq, record.Kind, record.Payload.Span);
            }

            Applied = record.Point;
            PendingBytes -= record.Payload.Length;
        }

        _records.Trim(Applied.Seq, _parts.Transport is null ? 0 : _parts.Options.RetainedBytes);
        if (_parts.Transport is not null && Applied.Seq - _notedCommit >= NoteEveryRecords)
        {
            NoteCommitted(core);
        }
    }

    private void NoteCommitted(ReplicaCore core)
    {
        _notedCommit = Applied.Seq;
        _notedAt = _parts.Now;
        Note(RecordKind.Committed, core.Term, Applied.Seq, []);
    }

    private void Send(ReplicaCore core, SendRecords send)
    {
        if (_parts.Transport is not { } transport)
        {
            return;
        }

        var count = (int)Math.Max(0, send.Last - send.First + 1);
        if (count > 0 && send.First < _records.First)
        {
            var names = ImmutableArray.CreateBuilder<LogPoint>(count);
            for (var seq = send.First; seq <= send.Last; seq++)
            {
                names.Add(core.Log.At(seq)!.Value);
            }

            _catchUp.Ask(send, names.MoveToImmutable());
            return;
        }

        var records = ImmutableArray.CreateBuilder<LogRecord>(count);
        for (var seq = send.First; seq <= send.Last; seq++)
        {
            records.Add(_records[seq]);
        }

        transport.Send(send.To, _partition, new AppendRecords(send.Term, send.Previous, records.MoveToImmutable(), send.CommitIndex));
    }

    private void Swap(CasEntry cas) => _ = Task.Run(async () =>
    {
        var outcome = CasOutcome.Unknown;
        try
        {
            outcome = await _parts.Table.SwapAsync(_partition, cas.ExpectedVersion, cas.Proposed, _parts.Stopping);
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }

        _inbox.Add(new CasAnswered(cas.Proposed, outcome));
    });

    /// <summary>Makes the checkpoint that arrived this replica's own and loads it. False where that failed: what it left is in no state to go on from.</summary>
    private bool Install(LogPoint point)
    {
        try
        {
            var path = _parts.CheckpointOf(_partition);
            _parts.Disk.Rename(Arrived!.Path, path);
            _parts.Disk.SyncDirectory(_parts.DirectoryOf(_partition));
            _owner.Reset();
            using var reader = CheckpointReader.Open(_parts.Disk, path)!;
            _owner.Load(reader);
            while (reader.NextSection())
            {
                // The owner need not read every section, but all of it must be whole.
            }

            Reset(point);
            return true;
        }
        catch (Exception exception) when (exception is IOException or LogCorruptException or NotSupportedException)
        {
            return false;
        }
    }

    private void Release(ReplicaCore core, long upTo)
    {
        _releaseTo = Math.Max(_releaseTo, upTo);
        if (_parts.IsOnly(core.Self, core.Entry))
        {
            _parts.Journal.ForgetTerm(_partition);
        }
        else if (core.Term > 0 && !_parts.Journal.HasRecentTerm(_partition))
        {
            Note(RecordKind.TermEntered, core.Term, core.Log.End.Seq, TermStartRecord.Node(core.TermOf));
            _releaseAfter = _tickets.Handed;
        }

        TryRelease();
    }

    /// <summary>What a full disk refuses costs space, and is no reason to end.</summary>
    private void TryRelease()
    {
        try
        {
            _parts.Journal.Release(_partition, _releaseTo);
            _isReleaseDue = false;
        }
        catch (IOException)
        {
            _isReleaseDue = true;
            _releaseNotBefore = _parts.Now + (long)_parts.Options.RestartPause.TotalMilliseconds;
        }
    }
}

/// <summary>What the log itself has to do about effects.</summary>
/// <param name="Closed">Why it takes no more appends, or null.</param>
/// <param name="Installed">The checkpoint that was installed, or null.</param>
/// <param name="StartOver">Why the log has to begin anew, or null.</param>
internal readonly record struct EffectOutcome(string? Closed, LogPoint? Installed, string? StartOver);
