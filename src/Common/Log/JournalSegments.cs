using System.Security.Cryptography;
using Deucalion.Common.Contracts;
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
    private readonly object _releasing = new();
    private readonly List<JournalSegment> _segments;
    private readonly Dictionary<int, long> _released;
    private readonly Dictionary<int, long> _terms;
    private long _next;

    public JournalSegments(IDisk disk, string directory, JournalScan scan, JournalMetrics metrics)
    {
        _disk = disk;
        _directory = directory;
        _metrics = metrics;
        _segments = scan.Segments;
        _released = scan.Released;
        _terms = scan.Terms;
        _next = _segments.Count > 0 ? _segments[^1].Number + 1 : scan.FirstSegment;
        JournalId = scan.JournalId != 0 ? scan.JournalId : JournalFormat.ReadId(RandomNumberGenerator.GetBytes(16));
        metrics.Segments(_segments.Count);
    }

    public UInt128 JournalId { get; }

    /// <summary>The segment that comes next; it counts once added.</summary>
    public JournalSegment Next() => new(_next, Path.Combine(_directory, JournalFormat.SegmentName(_next)));

    /// <summary>The journal is closed: its segments count no more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _metrics.Segments(-_segments.Count);
        }
    }

    /// <summary>Length of a segment, 0 where there is none.</summary>
    public long LengthOf(long number)
    {
        lock (_gate)
        {
            return _segments.Find(segment => segment.Number == number)?.Length ?? 0;
        }
    }

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
                if (waiter.Kind == RecordKind.StartedOver)
                {
                    // Nothing of the old log is needed any more, and its releases say nothing of the new one.
                    _released.Remove(id);
                    _segments.ForEach(earlier => earlier.LastSeq.Remove(id));
                }
                else if (!waiter.Kind.IsNote())
                {
                    segment.LastSeq[id] = Math.Max(waiter.Seq, segment.LastSeq.GetValueOrDefault(id));
                }
            }
        }
    }

    /// <summary>A round is durable, or what counts as that: the notes of terms in it take the place of earlier ones.</summary>
    public void Durable(JournalSegment segment, RoundBuffer round)
    {
        lock (_gate)
        {
            foreach (var waiter in round.Waiters)
            {
                if (waiter.Kind == RecordKind.TermEntered)
                {
                    _terms[waiter.Partition.Value] = segment.Number;
                }
            }
        }
    }

    /// <summary>Whether the newest note of the partition's term stands in the segment that is being written, or there is none.</summary>
    public bool HasRecentTerm(int partition)
    {
        lock (_gate)
        {
            return !_terms.TryGetValue(partition, out var segment) || (_segments.Count > 0 && segment == _segments[^1].Number);
        }
    }

    /// <summary>The note of the partition's term is not needed any more.</summary>
    public void ForgetTerm(int partition)
    {
        lock (_gate)
        {
            _terms.Remove(partition);
        }
    }

    public void CutBack(JournalSegment segment, long length)
    {
        lock (_gate)
        {
            segment.Length = length;
        }
    }

    /// <summary>The readable ranges of segments.</summary>
    public static List<JournalReader.Part> PartsOf(IEnumerable<JournalSegment> segments)
    {
        var parts = new List<JournalReader.Part>();
        foreach (var segment in segments)
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

        return parts;
    }

    /// <summary>The readable ranges as they are now.</summary>
    public List<JournalReader.Part> Parts()
    {
        lock (_gate)
        {
            return PartsOf(_segments);
        }
    }

    /// <summary>The readable ranges from the first segment on that holds a record of the partition from <paramref name="seq"/> on.</summary>
    public List<JournalReader.Part> PartsFrom(int partition, long seq)
    {
        lock (_gate)
        {
            return PartsOf(_segments.SkipWhile(segment => segment.LastSeq.GetValueOrDefault(partition) < seq));
        }
    }

    public int Release(int partition, long seq)
    {
        // The I/O is done outside the lock that the journal's thread takes; segments are removed nowhere else.
        lock (_releasing)
        {
            List<JournalSegment> free;
            ReleasedFile file;
            lock (_gate)
            {
                if (seq > _released.GetValueOrDefault(partition))
                {
                    _released[partition] = seq;
                }

                // The last segment is the one being written.
                free = [.. _segments.SkipLast(1).TakeWhile(segment => Holder(segment) is null && segment.Damage.Count == 0)];
                if (free.Count == 0)
                {
                    return 0;
                }

                file = new ReleasedFile
                {
                    JournalId = JournalId,
                    FirstSegment = _segments[free.Count].Number,
                    Released = new Dictionary<int, long>(_released),
                };
            }

            ReleasedFile.Write(_disk, Path.Combine(_directory, JournalFormat.ReleasedName), file);
            foreach (var segment in free)
            {
                _disk.Delete(segment.Path);
            }

            lock (_gate)
            {
                _segments.RemoveRange(0, free.Count);
            }

            _metrics.Segments(-free.Count);
            return free.Count;
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

        // A term that was promised must not be forgotten: its note stays until it has been written again.
        foreach (var (partition, number) in _terms)
        {
            if (number == segment.Number)
            {
                return new PartitionId(partition);
            }
        }

        return null;
    }
}
