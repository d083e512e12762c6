using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Simulation.Model;

namespace Deucalion.Simulation.World;

/// <summary>
/// What is committed, kept apart from what heads apply: a primary says so, and every replica that counts held it durably by then. Who counts is read from
/// the table and from the changes of it that may still take effect.
/// </summary>
internal sealed class CommitAccount
{
    private readonly List<LogPoint> _points = [];
    private readonly List<int> _samples = [];
    private readonly List<ulong?> _hashes = [];
    private readonly HashSet<LogPoint> _abandoned = [];
    private Bits _ever;
    private Bits _now;

    public int Count => _points.Count;

    /// <summary>Samples of all that ever was committed.</summary>
    public ref readonly Bits EverCommitted => ref _ever;

    /// <summary>Samples of what is committed and was not given up.</summary>
    public ref readonly Bits Committed => ref _now;

    public LogPoint At(long seq) => _points[(int)seq - 1];

    public bool IsAbandoned(LogPoint point) => _abandoned.Contains(point);

    public void Add(LogRecord record)
    {
        _abandoned.Remove(record.Point);
        _points.Add(record.Point);
        _hashes.Add(null);
        _samples.Add(Records.IsSample(record.Kind) ? Records.Read(record).First : -1);
        if (_samples[^1] >= 0)
        {
            _ever.Add(_samples[^1]);
            _now.Add(_samples[^1]);
        }
    }

    /// <summary>Whether a head that applied just what is committed up to a point holds what all others held there; the first one sets it.</summary>
    public bool IsEqual(LogPoint point, ulong hash)
    {
        if (point.Seq == 0)
        {
            return true;
        }

        if (point.Seq > Count || At(point.Seq) != point)
        {
            return false;
        }

        _hashes[(int)point.Seq - 1] ??= hash;
        return _hashes[(int)point.Seq - 1] == hash;
    }

    /// <summary>By an operator's word what a log lacks is given up; the samples that are left.</summary>
    public Bits GiveUpBeyond(LogIndex log)
    {
        var kept = Count;
        while (kept > 0 && log.At(kept) != _points[kept - 1])
        {
            kept--;
        }

        _abandoned.UnionWith(_points.Skip(kept));
        _points.RemoveRange(kept, Count - kept);
        _hashes.RemoveRange(kept, _hashes.Count - kept);
        _samples.RemoveRange(kept, _samples.Count - kept);
        _now = default;
        foreach (var sample in _samples)
        {
            if (sample >= 0)
            {
                _now.Add(sample);
            }
        }

        return _now;
    }
}
