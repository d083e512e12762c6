using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// Brings one partition back from its checkpoint and the journal. The owner is fed with what is committed: where no other replica was in sync that is
/// all that is durable, else what a note says; the rest is handed to the protocol.
/// </summary>
/// <param name="partition">The partition.</param>
/// <param name="owner">Its owner.</param>
/// <param name="self">This node.</param>
/// <param name="isSole">Whether the table lists this log as the only one in sync.</param>
internal sealed class PartitionRecovery(PartitionId partition, IPartitionLogOwner owner, NodeId self, bool isSole)
{
    private readonly Queue<LogRecord> _unapplied = new();
    private LogIndex _index = new(LogPoint.Start);
    private LogPoint _applied = LogPoint.Start;
    private int _restartsLeft;
    private int _cutsLeft;
    private long _term;
    private NodeId _termOf;
    private UInt128 _epoch;
    private bool _mayHaveLost;
    private string? _refusal;

    public PartitionId Partition => partition;

    public IPartitionLogOwner Owner => owner;

    public long CheckpointSeq { get; private set; }

    public RecoveredLog Result => new()
    {
        Index = _index,
        Applied = _applied,
        Unapplied = [.. _unapplied],
        Term = Math.Max(_term, _index.End.Term),

        // The note of the last term may be missing where rounds are not synced, or were written by a version without notes.
        TermOf = isSole && _term < _index.End.Term ? self : _termOf,
        Epoch = _epoch,
        MayHaveLost = _mayHaveLost,
        Refusal = _refusal,
    };

    private bool IsGivenUp => _mayHaveLost || _refusal is not null;

    public static string LostMessage(PartitionId partition) =>
        $"partition {partition}: records that were durable are missing or damaged in the log of this node; --wal.salvage opens it without them";

    /// <summary>What is said of a log that a later version has written to.</summary>
    public static string UnknownMessage(PartitionId partition, RecordKind kind) =>
        $"partition {partition}: its log holds a record of kind {(byte)kind}, which this program does not know: a later version has written it, and that one has to be installed";

    public void LoadCheckpoint(IDisk disk, string path, JournalRecovery journal)
    {
        disk.Delete(path + AtomicFile.TemporarySuffix);
        _restartsLeft = journal.Restarts(partition);
        _cutsLeft = journal.Cuts(partition);
        try
        {
            _epoch = LogEpoch.Read(disk, Path.GetDirectoryName(path)!);
            using var reader = CheckpointReader.Open(disk, path);
            if (journal.UnknownKind(partition, reader?.Header.Seq ?? 0) is { } kind)
            {
                // Not given up: the log may be whole, and has to be there for the program that can read it.
                _refusal = UnknownMessage(partition, kind);
                return;
            }

            if (journal.MayHaveLost(partition, reader?.Header.Seq ?? 0))
            {
                GiveUp(LostMessage(partition));
                return;
            }

            if (reader is null)
            {
                return;
            }

            // It may have been written by a process that was killed before it synced the directory: nothing may be released on its account before.
            disk.SyncDirectory(Path.GetDirectoryName(path)!);
            if (reader.Header.Partition != partition)
            {
                throw new LogCorruptException($"checkpoint {path} is one of partition {reader.Header.Partition}");
            }

            owner.Load(reader);
            _applied = new LogPoint(reader.Header.Term, reader.Header.Seq, reader.Header.Crc);
            _index = new LogIndex(_applied);
            CheckpointSeq = _applied.Seq;
            while (reader.NextSection())
            {
                // The owner need not read every section, but all of it must be whole.
            }
        }
        catch (LogCorruptException exception)
        {
            GiveUp($"partition {partition}: {exception.Message}");
        }
    }

    public void Replay(JournalReader record)
    {
        if (record.Kind == RecordKind.StartedOver)
        {
            _restartsLeft--;
            return;
        }

        if (_restartsLeft > 0 || IsGivenUp)
        {
            return;
        }

        switch (record.Kind)
        {
            case RecordKind.TermEntered:
                _term = record.Term;
                _termOf = TermStartRecord.ReadNode(record.Payload);
                break;
            case RecordKind.CutBack:
                CutBack(record.Seq);
                _cutsLeft--;
                if (isSole && _cutsLeft == 0)
                {
                    Apply(_index.End.Seq);
                }

                break;
            case RecordKind.Committed:
                Apply(record.Seq);
                break;
            default:
                Add(record);
                break;
        }
    }

    /// <summary>Where nobody else holds what is missing an operator has to decide; otherwise the log comes back from others.</summary>
    private void GiveUp(string reason)
    {
        if (isSole)
        {
            _refusal = reason;
        }
        else
        {
            _mayHaveLost = true;
        }
    }

    private void Add(JournalReader record)
    {
        // Unknown kinds that may not be passed over have been refused before.
        if (record.Kind.IsHint() || record.Seq <= CheckpointSeq)
        {
            return;
        }

        if (record.Seq != _index.End.Seq + 1 || record.Term < _index.End.Term)
        {
            if (_cutsLeft > 0)
            {
                // Of a log as it was before it was cut back to below the checkpoint.
                return;
            }

            GiveUp($"partition {partition}: record ({record.Term}, {record.Seq}) follows ({_index.End.Term}, {_index.End.Seq}) in the journal");
            return;
        }

        var point = new LogPoint(record.Term, record.Seq, record.Crc);
        _index.Append(point);
        if (isSole && _cutsLeft == 0)
        {
            Feed(point, record.Kind, record.Payload);
        }
        else
        {
            _unapplied.Enqueue(new LogRecord(point, record.Kind, record.Payload.ToArray()));
        }
    }

    private void CutBack(long seq)
    {
        if (seq >= _index.End.Seq)
        {
            return;
        }

        if (seq < CheckpointSeq)
        {
            // That was before the checkpoint, which holds nothing that could be cut: nor does what stands before the cut count.
            _index.CutBack(CheckpointSeq);
            _unapplied.Clear();
            return;
        }

        if (seq < _applied.Seq)
        {
            GiveUp($"partition {partition}: the log was cut back to {seq}, below {_applied.Seq}, which was committed");
            return;
        }

        _index.CutBack(seq);
        var kept = _unapplied.Where(record => record.Point.Seq <= seq).ToList();
        _unapplied.Clear();
        kept.ForEach(_unapplied.Enqueue);
    }

    private void Apply(long committed)
    {
        while (_unapplied.TryPeek(out var record) && record.Point.Seq <= committed)
        {
            _unapplied.Dequeue();
            Feed(record.Point, record.Kind, record.Payload.Span);
        }
    }

    private void Feed(LogPoint point, RecordKind kind, ReadOnlySpan<byte> payload)
    {
        if (kind.IsState())
        {
            owner.Apply(point.Seq, kind, payload);
        }

        _applied = point;
    }
}
