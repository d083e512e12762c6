using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;

namespace Deucalion.Common.Log;

/// <summary>
/// Streams the records of a journal in order, through reused buffers. Sees what had been written when it was created; skips damage that opening
/// reported. Not thread-safe. Reading fails with <see cref="LogCorruptException"/> where bytes changed since the journal was opened.
/// </summary>
public sealed class JournalReader : IDisposable
{
    private readonly IDisk _disk;
    private readonly IReadOnlyList<Part> _parts;
    private readonly RoundReader _rounds = new();
    private int _part = -1;
    private IDiskFile? _file;
    private long _offset;
    private RoundHeader _round;
    private int _record;
    private int _bodyOffset;
    private RecordHeader _header;

    internal JournalReader(IDisk disk, IReadOnlyList<Part> parts)
    {
        _disk = disk;
        _parts = parts;
    }

    /// <summary>Partition of the current record.</summary>
    public PartitionId Partition => new(_header.Partition);

    /// <summary>Term of the current record.</summary>
    public long Term => _header.Term;

    /// <summary>Sequence number of the current record in its partition's log.</summary>
    public long Seq => _header.Seq;

    /// <summary>Kind of the current record.</summary>
    public RecordKind Kind => _header.Kind;

    /// <summary>Checksum of the current record, header and payload.</summary>
    public uint Crc => _header.Crc;

    /// <summary>Where the round of the current record begins.</summary>
    public JournalPosition Position => _round.Position;

    /// <summary>Payload of the current record; valid until the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<byte> Payload =>
        _rounds.Peek(_round.Position.Offset + JournalFormat.RoundHeaderLength, _round.BodyLength)
            .Slice(_bodyOffset - _header.PayloadLength, _header.PayloadLength);

    /// <summary>Goes to the next record; false at the end.</summary>
    public bool Read()
    {
        while (_record >= _round.Records)
        {
            if (!NextRound())
            {
                return false;
            }
        }

        var body = _rounds.Peek(_round.Position.Offset + JournalFormat.RoundHeaderLength, _round.BodyLength);
        if (!JournalFormat.TryReadRecordHeader(body[_bodyOffset..], out _header))
        {
            throw new LogCorruptException($"journal round at {_round.Position} holds a record that exceeds it");
        }

        _bodyOffset += JournalFormat.RecordHeaderLength + _header.PayloadLength;
        _record++;
        return true;
    }

    /// <summary>Closes the file being read.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _rounds.Dispose();
    }

    private bool NextRound()
    {
        while (_file is null || _offset >= _parts[_part].End)
        {
            _file?.Dispose();
            _file = null;
            if (_part + 1 >= _parts.Count)
            {
                return false;
            }

            _part++;
            _file = _disk.OpenRead(_parts[_part].Path);
            _offset = _parts[_part].Start;
            _rounds.Open(_file, _parts[_part].Segment, _parts[_part].End);
        }

        if (!_rounds.TryReadHeader(_offset, null, out _round) || !_rounds.TryReadBody(_round, verify: true, out _))
        {
            throw new LogCorruptException($"journal round at {new JournalPosition(_parts[_part].Segment, _offset)} is damaged");
        }

        _offset += JournalFormat.RoundHeaderLength + _round.BodyLength;
        _record = 0;
        _bodyOffset = 0;
        return true;
    }

    /// <summary>A range of a segment without damage.</summary>
    internal readonly record struct Part(string Path, long Segment, long Start, long End);
}
