using System.Buffers.Binary;
using System.Security.Cryptography;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// From one core of a log to the next, as if the process had been started again: what is not durable is dropped; notes in the journal say where the log ends now
/// and which term was entered, or that it begins anew under another incarnation; once they are durable a new core may begin. What the disk refuses is tried
/// again. For the owner's mailbox.
/// </summary>
internal sealed class LogRestart
{
    private readonly PartitionId _partition;
    private readonly LogShellParts _parts;
    private readonly IPartitionLogOwner _owner;
    private readonly JournalTickets _tickets;
    private readonly LogEffects _effects;
    private readonly TermStartRecord _termStart;
    private LogIndex _index;
    private long _term;
    private NodeId _termOf;
    private long _tryNotBefore;
    private bool _anew;
    private bool _isNoted;
    private bool _isOnly;

    public LogRestart(PartitionId partition, LogShellParts parts, IPartitionLogOwner owner, JournalTickets tickets, LogEffects effects, RecoveredLog recovered)
    {
        _partition = partition;
        _parts = parts;
        _owner = owner;
        _tickets = tickets;
        _effects = effects;
        _termStart = new TermStartRecord(partition);
        _index = recovered.Index;
        _term = recovered.Term;
        _termOf = recovered.TermOf;
        Epoch = recovered.Epoch;
    }

    /// <summary>Number of the log's incarnation.</summary>
    public UInt128 Epoch { get; private set; }

    /// <summary>Names the present core in the table.</summary>
    public ulong Writer { get; private set; }

    /// <summary>Whether one core has ended and the next one may not begin yet.</summary>
    public bool IsUnderWay { get; private set; }

    /// <summary>Whether the next core may begin.</summary>
    public bool IsDone { get; private set; }

    /// <summary>A core over what is durable.</summary>
    public ReplicaCore NewCore()
    {
        IsUnderWay = false;
        IsDone = false;
        Writer = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
        var recovered = new RecoveredReplica(_parts.SelfOf(Epoch), _term, _termOf, _index, _effects.Applied.Seq);
        return new ReplicaCore(recovered, Writer, _termStart, _parts.Options.Timings, ProtocolRules.All, _parts.Now);
    }

    /// <summary>The core (null: there is none) ends here. <paramref name="anew"/>: so does its log.</summary>
    public void Begin(ReplicaCore? core, bool anew)
    {
        _anew |= anew;
        _isOnly = core is not null && !_anew && _parts.IsOnly(core.Self, core.Entry);
        if (core is not null)
        {
            _term = core.Term;
            _termOf = core.TermOf;
            _index = core.Log;
            if (core.Durable < _index.End.Seq)
            {
                _index.CutBack(core.Durable);
            }
        }

        _effects.CutBack(_index.End.Seq);
        IsUnderWay = true;
        IsDone = false;
        _isNoted = false;
        Proceed();
    }

    /// <summary>Goes on as soon as the journal has answered.</summary>
    public void Proceed()
    {
        if (!IsUnderWay || !_tickets.IsIdle || _tickets.Error is JournalFailedException)
        {
            return;
        }

        if (_isNoted && _tickets.Error is null)
        {
            // Not before: a note that the disk refused has to be written again.
            _anew = false;
            IsDone = true;
            return;
        }

        if (_parts.Now < _tryNotBefore)
        {
            return;
        }

        _tryNotBefore = _parts.Now + (long)_parts.Options.RestartPause.TotalMilliseconds;
        _parts.Journal.GoOn(_partition);
        _tickets.Forgive();
        try
        {
            if (_anew)
            {
                BeginAnew();
            }

            WriteNotes();
            _isNoted = true;
        }
        catch (IOException)
        {
            _isNoted = false;
        }
    }

    /// <summary>The number first: should the rest not come to pass, the old log is known under a name that nobody counts on.</summary>
    private void BeginAnew()
    {
        // Also where nothing was applied: a checkpoint that could not be loaded whole may have left a part of itself.
        _owner.Reset();
        _effects.Reset(LogPoint.Start);
        _index = new LogIndex(LogPoint.Start);
        Epoch = LogEpoch.Renew(_parts.Disk, _parts.DirectoryOf(_partition));
        _parts.Disk.Delete(_parts.CheckpointOf(_partition));
        _parts.Disk.SyncDirectory(_parts.DirectoryOf(_partition));
        _effects.Note(RecordKind.StartedOver, 0, 0, []);
    }

    private void WriteNotes()
    {
        _effects.Note(RecordKind.CutBack, _term, _index.End.Seq, []);
        if (_term > 0 && !_isOnly)
        {
            _effects.Note(RecordKind.TermEntered, _term, _index.End.Seq, TermStartRecord.Node(_termOf));
        }

        if (_tickets.Error is IOException error)
        {
            throw error;
        }
    }
}
