using System.Buffers;
using Deucalion.Common.Hashing;
using Deucalion.Common.IO;

namespace Deucalion.Common.Log;

/// <summary>Reads the rounds of one segment file in order through a reused window. Bytes returned are valid until the next call.</summary>
internal sealed class RoundReader : IDisposable
{
    private const int Window = 1 << 20;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Window);
    private long _start;
    private int _filled;
    private IDiskFile _file = null!;
    private long _segment;
    private long _end;

    /// <summary>Starts on a file, of which the bytes before <paramref name="end"/> count.</summary>
    public void Open(IDiskFile file, long segment, long end)
    {
        _file = file;
        _segment = segment;
        _end = end;
        _start = 0;
        _filled = 0;
    }

    /// <summary>Bytes [offset, offset + length), fewer at the end.</summary>
    public ReadOnlySpan<byte> Peek(long offset, int length)
    {
        length = (int)Math.Min(length, Math.Max(0, _end - offset));
        if (offset < _start || offset + length > _start + _filled)
        {
            Fill(offset, length);
        }

        var from = (int)(offset - _start);
        return _buffer.AsSpan(from, Math.Min(length, _filled - from));
    }

    /// <summary>The header at the offset; false where there is none of this journal and place.</summary>
    public bool TryReadHeader(long offset, uint? tag, out RoundHeader header) =>
        JournalFormat.TryReadRoundHeader(Peek(offset, JournalFormat.RoundHeaderLength), out header)
        && header.Position == new JournalPosition(_segment, offset)
        && (tag is null || tag == header.Tag);

    /// <summary>The records of the round whose header was read; false where they are cut short or damaged.</summary>
    public bool TryReadBody(in RoundHeader header, bool verify, out ReadOnlySpan<byte> body)
    {
        var offset = header.Position.Offset + JournalFormat.RoundHeaderLength;
        body = default;
        if (header.BodyLength > _end - offset)
        {
            return false;
        }

        body = Peek(offset, header.BodyLength);
        return body.Length == header.BodyLength && (!verify || Crc32C.Compute(body) == header.BodyCrc);
    }

    /// <summary>The next offset from <paramref name="offset"/> on at which a whole header of a round stands, or the end.</summary>
    public long FindHeader(long offset, uint? tag)
    {
        while (offset < _end)
        {
            var bytes = Peek(offset, Window);
            if (bytes.Length < JournalFormat.RoundHeaderLength)
            {
                return _end;
            }

            var at = bytes.IndexOf(JournalFormat.RoundMagicBytes);
            if (at < 0)
            {
                offset += bytes.Length - JournalFormat.RoundMagicBytes.Length + 1;
                continue;
            }

            offset += at;
            if (TryReadHeader(offset, tag, out _))
            {
                return offset;
            }

            offset++;
        }

        return _end;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Fill(long offset, int length)
    {
        if (length > _buffer.Length)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(length);
        }

        _start = offset;
        _filled = _file.Read(offset, _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, Math.Max(0, _end - offset))));
    }
}
