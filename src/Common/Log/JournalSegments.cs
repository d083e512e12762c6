using System.Security.Cryptography;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;

namespace Deucalion.Common.Log;

/// <summary>The segment files of an open journal, which partitions have records in them, and what has been released. Thread-safe.</summary>
internal sealed class JournalSegments
{
    private readonly IDisk _disk;
    private readonly string _directory;
    private readonly JournalMetrics _metrics;
    private readonly object _gate = new();
    private readonly List<JournalSegment> _segments;
    private readonly Dictionary<int, long> _released;
    private long _first;
    private long _next;

    public JournalSegments(IDisk disk, string directory, JournalScan scan, JournalMetrics metrics)
    {
        _disk = disk;
        _directory = directory;
        _metrics = metrics;
        _segments = scan.Segments;
        _released = scan.Released;
        _first = scan.FirstSegment;
        _next = Math.Max(_first, Math.Max(scan.End.Segment, _segments.Count > 0 ? _segments[^1].Number : 0) + 1);
        if (scan.End.Segment == 0 && _segments.Count == 0)
        {
            _next = _first;
        }

        JournalId = scan.JournalId != 0 ? scan.JournalId : JournalFormat.ReadId(RandomNumberGenerator.GetBytes(16));
        metrics.Segments(_segments.Count);
    }

    public UInt128 JournalId { get; }

    /// <summary>The segment that comes next; it counts once added.</summary>
    public JournalSegment Next() => new(_next, Path.Combine(_directory, JournalFormat.SegmentName(_next)));

    public void Add(JournalSegment segment)
    {
        lock (_gate)
        {
            _segments.Add(segment);
            _next = segment.Number + 1;
        }

        _metrics.Segments(1);
    }

    /// <summary>A round stands at the end of the segment.</summary>
    public void Written(JournalSegment segment, RoundBuffer round)
    {
        lock (_gate)
        {
            segment.Length += round.Length;
            foreach (var waiter in round.Waiters)
            {
                var id = waiter.Partition.Value;
                segment.LastSeq[id] = Math.Max(waiter.Seq, segment.LastSeq.GetValueOrDefault(id));
            }
        }
    }

    public void CutBack(JournalSegment segment, long length)
    {
        lock (_gate)
        {
            segment.Length = length;
        }
    }

    /// <summary>The readable ranges of all segments.</summary>
    public List<JournalReader.Part> Parts()
    {
        var parts = new List<JournalReader.Part>();
        lock (_gate)
        {
            foreach (var segment in _segments)
            {
                long start = JournalFormat.SegmentHeaderLength;
                foreach (var (from, to) in segment.Damage)
                {
                    if (from > start)
                    {
                        parts.Add(new JournalReader.Part(segment.Path, segment.Number, start, from));
                    }

                    start = Math.Max(start, to);
                }

                if (start < segment.Length)
                {
                    parts.Add(new JournalReader.Part(segment.Path, segment.Number, start, segment.Length));
                }
            }
        }

        return parts;
    }

    public int Release(int partition, long seq)
    {
        lock (_gate)
        {
            if (seq <= _released.GetValueOrDefault(partition))
            {
                return 0;
            }

            _released[partition] = seq;

            // The last segment is the one being written.
            var count = 0;
            while (count < _segments.Count - 1 && Holder(_segments[count]) is null && _segments[count].Damage.Count == 0)
            {
                count++;
            }

            if (count == 0)
            {
                return 0;
            }

            var first = _segments[count].Number;
            var path = Path.Combine(_directory, JournalFormat.ReleasedName);
            ReleasedFile.Write(_disk, path, new ReleasedFile { JournalId = JournalId, FirstSegment = first, Released = _released });
            _first = first;
            foreach (var segment in _segments[..count])
            {
                _disk.Delete(segment.Path);
            }

            _segments.RemoveRange(0, count);
            _metrics.Segments(-count);
            return count;
        }
    }

    public PartitionId? OldestHolder()
    {
        lock (_gate)
        {
            return _segments.Count > 1 ? Holder(_segments[0]) : null;
        }
    }

    private PartitionId? Holder(JournalSegment segment)
    {
        foreach (var (partition, last) in segment.LastSeq)
        {
            if (_released.GetValueOrDefault(partition) < last)
            {
                return new PartitionId(partition);
            }
        }

        return null;
    }
}
