using System.Security.Cryptography;
using Deucalion.Common.Contracts;
using Deucalion.Common.IO;

namespace Deucalion.Common.Log;

/// <summary>
/// Opening of a journal: reads every round, finds the highest synced mark, cuts a torn tail, tells damage below the mark, and makes sure that
/// what it accepted is on the device. Afterwards every byte of the remaining segments outside the reported damage is valid.
/// </summary>
internal sealed class JournalScan
{
    private readonly IDisk _disk;
    private readonly string _directory;
    private readonly List<JournalSegment> _segments = [];
    private readonly List<JournalDamage> _damage = [];
    private readonly Dictionary<int, JournalChain> _chains = [];
    private readonly Dictionary<int, long> _terms = [];
    private readonly Dictionary<int, long> _released = [];
    private readonly Dictionary<long, long> _marked = [];
    private JournalPosition _mark;
    private JournalPosition _end;
    private uint? _tag;
    private bool _clean;
    private bool _releasedLost;

    private JournalScan(IDisk disk, string directory)
    {
        _disk = disk;
        _directory = directory;
    }

    public UInt128 JournalId { get; private set; }

    public long FirstSegment { get; private set; } = 1;

    public List<JournalSegment> Segments => _segments;

    public Dictionary<int, long> Released => _released;

    /// <summary>Segment of each partition's newest note of a term.</summary>
    public Dictionary<int, long> Terms => _terms;

    /// <summary>End of everything valid: where the synced mark stands now.</summary>
    public JournalPosition End => _end;

    public JournalRecovery Recovery { get; private set; } = null!;

    /// <summary>Scans the directory, which must exist.</summary>
    public static JournalScan Run(IDisk disk, string directory)
    {
        var scan = new JournalScan(disk, directory);
        scan.Run();
        return scan;
    }

    private void Run()
    {
        ReadReleased();
        FindSegments();
        var created = _segments.Count == 0;
        var previousSync = ScanSegments();
        if (JournalId == 0 && _tag is { } tag)
        {
            // No header of a segment is left: the rounds still say the lower bits.
            JournalId = (JournalFormat.ReadId(RandomNumberGenerator.GetBytes(16)) & ~(UInt128)uint.MaxValue) | tag;
        }

        var torn = CutTornTail();
        CheckEnds();
        if (!created)
        {
            // What was read may be in the page cache alone: it counts only once the device has it.
            SyncTail();
        }

        _damage.Sort(static (left, right) => left.Start.CompareTo(right.Start));
        foreach (var segment in _segments)
        {
            // A missing segment is noted with the next that is there, so that nobody takes what is behind the loss for the beginning.
            segment.Damage.AddRange(_damage.Where(damage => damage.Start.Segment == segment.Number || damage.End == new JournalPosition(segment.Number, 0))
                .Select(damage => damage.Start.Segment == segment.Number ? (damage.Start.Offset, damage.End.Offset) : (0, 0)));
        }

        Recovery = new JournalRecovery(_chains, _released, _releasedLost)
        {
            Created = created,
            CleanStop = _clean && torn == 0 && _damage.Count == 0,
            PreviousSync = previousSync,
            TornBytes = torn,
            Damage = _damage,
        };
    }

    private void ReadReleased()
    {
        var bytes = AtomicFile.Read(_disk, Path.Combine(_directory, JournalFormat.ReleasedName));
        if (bytes is null)
        {
            return;
        }

        if (ReleasedFile.Parse(bytes) is not { } released)
        {
            _releasedLost = true;
            return;
        }

        JournalId = released.JournalId;
        _tag = JournalFormat.Tag(released.JournalId);
        FirstSegment = released.FirstSegment;
        foreach (var (partition, seq) in released.Released)
        {
            _released[partition] = seq;
        }
    }

    private void FindSegments()
    {
        // Nothing is deleted on account of a released file that a power loss could still take back.
        _disk.SyncDirectory(_directory);
        var deleted = false;
        foreach (var entry in _disk.List(_directory))
        {
            var path = Path.Combine(_directory, entry.Name);
            if (!JournalFormat.TryParseSegment(entry.Name, out var number))
            {
                continue;
            }

            if (number < FirstSegment)
            {
                _disk.Delete(path);
                deleted = true;
                continue;
            }

            _segments.Add(new JournalSegment(number, path) { Length = entry.Length });
        }

        _segments.Sort(static (left, right) => left.Number.CompareTo(right.Number));
        if (deleted)
        {
            _disk.SyncDirectory(_directory);
        }

        if (_segments.Count > 0 && _releasedLost)
        {
            // Which segments were given back is no longer known: those that are there must do.
            FirstSegment = _segments[0].Number;
        }
    }

    private JournalSync ScanSegments()
    {
        JournalSync? sync = null;
        using var reader = new RoundReader();
        foreach (var segment in _segments)
        {
            using var file = _disk.OpenRead(segment.Path);
            segment.Length = file.Length;
            reader.Open(file, segment.Number, file.Length);
            _end = new JournalPosition(segment.Number, segment.Length);
            var offset = 0L;
            if (JournalFormat.TryReadSegmentHeader(reader.Peek(0, JournalFormat.SegmentHeaderLength), out var header)
                && header.Segment == segment.Number && (_tag is null || _tag == JournalFormat.Tag(header.JournalId)))
            {
                JournalId = header.JournalId;
                _tag = JournalFormat.Tag(header.JournalId);
                sync = header.Sync;
                Raise(header.Mark);
                CheckPrevious(segment.Number - 1, header.PreviousLength);
                offset = JournalFormat.SegmentHeaderLength;
            }
            else
            {
                offset = Damaged(reader, segment, 0);
            }

            _clean = false;
            ScanRounds(reader, segment, offset);
        }

        // Where no header is left nobody knows: the weakest.
        return sync ?? (_segments.Count == 0 ? JournalSync.Batch : JournalSync.Never);
    }

    /// <summary>A segment may have lost its end at the border of two rounds: only the next one tells.</summary>
    private void CheckPrevious(long number, long length)
    {
        if (_segments.Find(segment => segment.Number == number) is { } previous && previous.Length < length)
        {
            _damage.Add(new JournalDamage(new JournalPosition(number, previous.Length), new JournalPosition(number, length)));
        }
    }

    private void ScanRounds(RoundReader reader, JournalSegment segment, long offset)
    {
        while (offset < segment.Length)
        {
            if (!reader.TryReadHeader(offset, _tag, out var header))
            {
                offset = Damaged(reader, segment, offset);
                continue;
            }

            _tag = header.Tag;
            Raise(header.Mark);
            if (!reader.TryReadBody(header, verify: true, out var body) || !AddRecords(header, body, segment))
            {
                offset = Damaged(reader, segment, offset);
                continue;
            }

            _clean = (header.Flags & JournalFormat.CleanStop) != 0;
            offset += JournalFormat.RoundHeaderLength + header.BodyLength;
        }
    }

    private bool AddRecords(in RoundHeader round, ReadOnlySpan<byte> body, JournalSegment segment)
    {
        // Two passes: nothing of a round counts unless all of it can be walked.
        var rest = body;
        for (var i = 0; i < round.Records; i++)
        {
            if (!JournalFormat.TryReadRecordHeader(rest, out var record))
            {
                return false;
            }

            rest = rest[(JournalFormat.RecordHeaderLength + record.PayloadLength)..];
        }

        if (!rest.IsEmpty)
        {
            return false;
        }

        rest = body;
        for (var i = 0; i < round.Records; i++)
        {
            _ = JournalFormat.TryReadRecordHeader(rest, out var record);
            rest = rest[(JournalFormat.RecordHeaderLength + record.PayloadLength)..];
            Note(segment, record.Partition, record.Kind, record.Seq);
            if (!_chains.TryGetValue(record.Partition, out var chain))
            {
                _chains.Add(record.Partition, chain = new JournalChain());
            }

            chain.Add(record.Kind, record.Term, record.Seq, round.Position);
        }

        return true;
    }

    /// <summary>What of a record decides how long its segment is needed.</summary>
    private void Note(JournalSegment segment, int partition, RecordKind kind, long seq)
    {
        if (!kind.IsNote())
        {
            segment.LastSeq[partition] = Math.Max(seq, segment.LastSeq.GetValueOrDefault(partition));
        }
        else if (kind == RecordKind.TermEntered)
        {
            _terms[partition] = segment.Number;
        }
        else if (kind == RecordKind.StartedOver)
        {
            _released.Remove(partition);
            _terms.Remove(partition);
            _segments.ForEach(earlier => earlier.LastSeq.Remove(partition));
        }
    }

    /// <summary>Notes damage from the offset on; returns where the next header stands.</summary>
    private long Damaged(RoundReader reader, JournalSegment segment, long offset)
    {
        var next = reader.FindHeader(offset + 1, _tag);
        if (_damage.Count > 0 && _damage[^1].End == new JournalPosition(segment.Number, offset) && offset > 0)
        {
            _damage[^1] = _damage[^1] with { End = new JournalPosition(segment.Number, next) };
        }
        else
        {
            _damage.Add(new JournalDamage(new JournalPosition(segment.Number, offset), new JournalPosition(segment.Number, next)));
        }

        return next;
    }

    private void Raise(JournalPosition mark)
    {
        _marked[mark.Segment] = Math.Max(mark.Offset, _marked.GetValueOrDefault(mark.Segment));
        if (mark > _mark)
        {
            _mark = mark;
        }
    }

    /// <summary>The first damage at or above the mark is the torn tail: it goes, with all behind it. Returns the bytes cut.</summary>
    private long CutTornTail()
    {
        var index = _damage.FindIndex(damage => damage.Start >= _mark);
        if (index < 0)
        {
            return 0;
        }

        var start = _damage[index].Start;
        _damage.RemoveRange(index, _damage.Count - index);
        var cut = 0L;
        var deleted = false;
        for (var i = _segments.Count - 1; i >= 0 && _segments[i].Number >= start.Segment; i--)
        {
            var segment = _segments[i];
            if (segment.Number > start.Segment || start.Offset == 0)
            {
                cut += Math.Max(1, segment.Length);
                _disk.Delete(segment.Path);
                _segments.RemoveAt(i);
                deleted = true;
                continue;
            }

            if (deleted)
            {
                // What was behind the tear must not come back once the tear is gone.
                _disk.SyncDirectory(_directory);
            }

            cut += segment.Length - start.Offset;
            using var file = _disk.Open(segment.Path);
            file.SetLength(start.Offset);
            file.Sync();
            segment.Length = start.Offset;
        }

        _end = _segments.Count > 0 ? new JournalPosition(_segments[^1].Number, _segments[^1].Length) : default;
        Rescan();
        return cut;
    }

    /// <summary>What was noted of records that have been cut is forgotten.</summary>
    private void Rescan()
    {
        _chains.Clear();
        _terms.Clear();

        // A log that was begun anew in what has been cut was not.
        _released.Clear();
        ReadReleased();
        foreach (var segment in _segments)
        {
            segment.LastSeq.Clear();
        }

        _damage.Clear();
        var mark = _mark;
        ScanSegments();
        _mark = mark;
        _damage.RemoveAll(damage => damage.Start >= _mark);
    }

    /// <summary>A segment that is missing, or shorter than the mark says, is damage too.</summary>
    private void CheckEnds()
    {
        var expected = FirstSegment;
        foreach (var segment in _segments)
        {
            if (segment.Number > expected)
            {
                _damage.Add(new JournalDamage(new JournalPosition(expected, 0), new JournalPosition(segment.Number, 0)));
            }

            if (_marked.GetValueOrDefault(segment.Number) is var marked && marked > segment.Length
                && !_damage.Exists(damage => damage.Start == new JournalPosition(segment.Number, segment.Length)))
            {
                _damage.Add(new JournalDamage(new JournalPosition(segment.Number, segment.Length), new JournalPosition(segment.Number, marked)));
            }

            expected = segment.Number + 1;
        }
    }

    private void SyncTail()
    {
        foreach (var segment in _segments)
        {
            if (new JournalPosition(segment.Number, segment.Length) > _mark)
            {
                using var file = _disk.Open(segment.Path);
                file.Sync();
            }
        }

        _disk.SyncDirectory(_directory);
    }
}
