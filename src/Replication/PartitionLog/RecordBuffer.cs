using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.PartitionLog;

/// <summary>
/// The newest records of a log, by seq without a gap: what is not applied yet, and before that as much as other replicas are likely to ask for. For the
/// owner's mailbox.
/// </summary>
internal sealed class RecordBuffer
{
    private readonly List<LogRecord> _records = [];
    private int _gone;

    /// <summary>Seq of the first record held; one behind the last where none is.</summary>
    public long First { get; private set; } = 1;

    /// <summary>Seq of the last record held; one below <see cref="First"/> where none is.</summary>
    public long Last => First + _records.Count - _gone - 1;

    /// <summary>Bytes of all payloads held.</summary>
    public long Bytes { get; private set; }

    /// <summary>Forgets everything: the next record has that seq.</summary>
    public void Reset(long next)
    {
        _records.Clear();
        _gone = 0;
        First = next;
        Bytes = 0;
    }

    public void Add(in LogRecord record)
    {
        if (record.Point.Seq != Last + 1)
        {
            throw new InvalidOperationException($"record {record.Point} does not follow {Last}");
        }

        _records.Add(record);
        Bytes += record.Payload.Length;
    }

    /// <summary>The record of a seq that is held.</summary>
    public LogRecord this[long seq] => _records[(int)(seq - First) + _gone];

    /// <summary>Drops what stands behind a seq.</summary>
    public void CutBack(long seq)
    {
        while (_records.Count > _gone && _records[^1].Point.Seq > seq)
        {
            Bytes -= _records[^1].Payload.Length;
            _records.RemoveAt(_records.Count - 1);
        }
    }

    /// <summary>Drops the oldest records up to <paramref name="applied"/>, as long as more than <paramref name="bytes"/> are held.</summary>
    public void Trim(long applied, long bytes)
    {
        while (Bytes > bytes && _records.Count > _gone && First <= applied)
        {
            Bytes -= _records[_gone].Payload.Length;
            _records[_gone] = default;
            _gone++;
            First++;
        }

        if (_gone == _records.Count)
        {
            _records.Clear();
            _gone = 0;
        }
        else if (_gone > 64 && _gone > _records.Count / 2)
        {
            _records.RemoveRange(0, _gone);
            _gone = 0;
        }
    }
}
