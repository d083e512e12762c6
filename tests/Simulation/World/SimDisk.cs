using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Simulation.Model;

namespace Deucalion.Simulation.World;

/// <summary>An operation handed to a journal.</summary>
internal readonly record struct DiskOperation(long Ticket, DiskOperationKind Kind, LogRecord Record, long Number, NodeId Node);

internal enum DiskOperationKind
{
    Append,
    CutBack,
    Term,
}

/// <summary>A checkpoint file.</summary>
internal sealed record CheckpointFile(LogPoint Point, Head Head);

/// <summary>
/// The disk of one replica: what is durable, and what a crash may take. Operations wait in order until a sync covers them; when the machine fails only
/// a prefix of the others survives, when the process fails all of them do. A renamed checkpoint is lost unless the directory was synced.
/// </summary>
internal sealed class SimDisk(ReplicaId self)
{
    private readonly List<LogRecord> _log = [];
    private readonly List<DiskOperation> _waiting = [];
    private long _cut = long.MaxValue;

    public ReplicaId Self { get; private set; } = self;

    /// <summary>All that was ever durable here under this name.</summary>
    public HeldLog Ever { get; private set; } = new();

    public CheckpointFile? Checkpoint { get; private set; }

    /// <summary>Renamed, directory not synced.</summary>
    public CheckpointFile? Renamed { get; set; }

    public long Term { get; private set; }

    public NodeId TermOf { get; private set; }

    /// <summary>Highest ticket handed over.</summary>
    public long LastTicket => _waiting.Count == 0 ? 0 : _waiting[^1].Ticket;

    public bool HasWaiting => _waiting.Count > 0;

    public void Add(in DiskOperation operation) => _waiting.Add(operation);

    public void Sync(long ticket)
    {
        var done = 0;
        while (done < _waiting.Count && _waiting[done].Ticket <= ticket)
        {
            Do(_waiting[done++]);
        }

        _waiting.RemoveRange(0, done);
    }

    public void Store(CheckpointFile file)
    {
        Checkpoint = file;
        Ever.Add(file);
        Renamed = null;
    }

    /// <summary>The learner's own checkpoint takes the place of an empty log.</summary>
    public void Install(CheckpointFile file)
    {
        CutBack(0);
        Checkpoint = file;
        Ever.Add(file);
        Renamed = null;
    }

    /// <summary>The lowest record that went since the last call, other than by a checkpoint that holds it; null: none.</summary>
    public long? TakeCut()
    {
        if (_cut == long.MaxValue)
        {
            return null;
        }

        var cut = _cut;
        _cut = long.MaxValue;
        return cut;
    }

    public void Release(long seq)
    {
        if (_log.Count > 0 && seq > (Checkpoint?.Point.Seq ?? 0))
        {
            _cut = Math.Min(_cut, _log[0].Point.Seq);
        }

        var gone = 0;
        while (gone < _log.Count && _log[gone].Point.Seq <= seq)
        {
            gone++;
        }

        _log.RemoveRange(0, gone);
    }

    public void Crash(bool machine, Rng rng)
    {
        var kept = machine ? rng.Below(_waiting.Count + 1) : _waiting.Count;
        for (var i = 0; i < kept; i++)
        {
            Do(_waiting[i]);
        }

        _waiting.Clear();
        if (Renamed is not null && !machine)
        {
            Checkpoint = Renamed;
            Ever.Add(Renamed);
        }

        Renamed = null;
    }

    /// <summary>The same log under another incarnation.</summary>
    public void Rename(ReplicaId name)
    {
        Self = name;
        Ever = new HeldLog();
        foreach (var record in _log)
        {
            Ever.Add(record.Point);
        }

        if (Checkpoint is not null)
        {
            Ever.Add(Checkpoint);
        }
    }

    /// <summary>What only the kernel had is gone.</summary>
    public void LoseTail(Rng rng)
    {
        CutBack((_log.Count == 0 ? 0 : _log[^1].Point.Seq) - rng.Below(20));
        if (_log.Count > 0 && _log[^1].Point.Seq < Checkpoint?.Point.Seq)
        {
            _log.Clear();
        }
    }

    /// <summary>Whether the record is on the disk for good, by itself or in the checkpoint.</summary>
    public bool Holds(LogPoint point)
    {
        if (Checkpoint is not null && point.Seq <= Checkpoint.Point.Seq)
        {
            return point.Seq < Checkpoint.Point.Seq || point == Checkpoint.Point;
        }

        if (_log.Count == 0)
        {
            return false;
        }

        var index = point.Seq - _log[0].Point.Seq;
        return index >= 0 && index < _log.Count && _log[(int)index].Point == point;
    }

    /// <summary>The records behind the checkpoint; null where some are missing.</summary>
    public List<LogRecord>? Recover()
    {
        var start = Checkpoint?.Point.Seq ?? 0;
        var records = _log.FindAll(record => record.Point.Seq > start);
        return records.Count > 0 && records[0].Point.Seq != start + 1 ? null : records;
    }

    private void Do(in DiskOperation operation)
    {
        switch (operation.Kind)
        {
            case DiskOperationKind.Append:
                // A later record with a seq that is there already takes its place, and what lay behind it is gone.
                CutBack(operation.Record.Point.Seq - 1);
                _log.Add(operation.Record);
                Ever.Add(operation.Record.Point);
                break;
            case DiskOperationKind.CutBack:
                CutBack(operation.Number);
                break;
            case DiskOperationKind.Term:
                Term = operation.Number;
                TermOf = operation.Node;
                break;
        }
    }

    private void CutBack(long seq)
    {
        while (_log.Count > 0 && _log[^1].Point.Seq > seq)
        {
            _cut = Math.Min(_cut, _log[^1].Point.Seq);
            _log.RemoveAt(_log.Count - 1);
        }
    }
}
