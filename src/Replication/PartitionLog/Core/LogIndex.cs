namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>
/// Names of the records that a replica still holds behind its base (a checkpoint), as columns: checksums by seq, and terms as runs, since
/// they change seldom.
/// </summary>
internal sealed class LogIndex
{
    private readonly List<TermSpan> _spans = [];
    private uint[] _crcs = new uint[64];
    private int _count;
    private LogSummary? _summary;

    public LogIndex(LogPoint start)
    {
        Reset(start);
    }

    /// <summary>The checkpoint's point; counts as held.</summary>
    public LogPoint Base { get; private set; }

    /// <summary>Last record.</summary>
    public LogPoint End { get; private set; }

    /// <summary>Forgets everything: the log begins behind this point.</summary>
    public void Reset(LogPoint start)
    {
        Base = start;
        End = start;
        _count = 0;
        _spans.Clear();
        _spans.Add(new TermSpan(start.Term, start.Seq));
        _summary = null;
    }

    public void Append(LogPoint point)
    {
        if (point.Seq != End.Seq + 1)
        {
            throw new InvalidOperationException($"record {point} does not follow {End}");
        }

        if (_count == _crcs.Length)
        {
            Array.Resize(ref _crcs, 2 * _count);
        }

        _crcs[_count++] = point.Crc;
        if (_spans[^1].Term != point.Term)
        {
            _spans.Add(new TermSpan(point.Term, point.Seq));
        }

        End = point;
        _summary = null;
    }

    /// <summary>The record at a seq from <see cref="Base"/> to <see cref="End"/>; null outside.</summary>
    public LogPoint? At(long seq)
    {
        if (seq == Base.Seq)
        {
            return Base;
        }

        return seq < Base.Seq || seq > End.Seq ? null : new LogPoint(TermAt(seq), seq, _crcs[(int)(seq - Base.Seq - 1)]);
    }

    public bool Holds(LogPoint point) => At(point.Seq) == point;

    /// <summary>Drops everything behind a seq that is held.</summary>
    public void CutBack(long seq)
    {
        var end = At(seq) ?? throw new InvalidOperationException($"a log from {Base} to {End} cannot be cut back to {seq}");
        _count = (int)(seq - Base.Seq);
        while (_spans[^1].First > seq)
        {
            _spans.RemoveAt(_spans.Count - 1);
        }

        End = end;
        _summary = null;
    }

    /// <summary>Forgets the records below a seq that is held, which becomes the base.</summary>
    public void Release(long seq)
    {
        if (seq <= Base.Seq)
        {
            return;
        }

        var start = At(seq) ?? throw new InvalidOperationException($"a log from {Base} to {End} cannot begin at {seq}");
        var gone = (int)(seq - Base.Seq);
        Array.Copy(_crcs, gone, _crcs, 0, _count - gone);
        _count -= gone;
        while (_spans.Count > 1 && _spans[1].First <= seq)
        {
            _spans.RemoveAt(0);
        }

        _spans[0] = new TermSpan(start.Term, seq);
        Base = start;
        _summary = null;
    }

    public LogSummary Summary() => _summary ??= new LogSummary(Base, End, [.. _spans]);

    /// <summary>The last record that this log and another one share, as far as both still know; null: none.</summary>
    public LogPoint? LastShared(LogSummary other)
    {
        for (var i = other.Spans.Length - 1; i >= 0; i--)
        {
            var first = other.Spans[i].First;
            var last = i + 1 < other.Spans.Length ? other.Spans[i + 1].First - 1 : other.End.Seq;
            for (var j = _spans.Count - 1; j >= 0; j--)
            {
                if (_spans[j].Term != other.Spans[i].Term)
                {
                    continue;
                }

                var ownLast = j + 1 < _spans.Count ? _spans[j + 1].First - 1 : End.Seq;
                var shared = Math.Min(last, ownLast);
                if (shared >= Math.Max(first, _spans[j].First))
                {
                    return At(shared);
                }
            }
        }

        return null;
    }

    private long TermAt(long seq)
    {
        var low = 0;
        var high = _spans.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_spans[middle].First <= seq)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return _spans[low].Term;
    }
}
