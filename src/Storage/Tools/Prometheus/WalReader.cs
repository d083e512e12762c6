using System.Buffers.Binary;
using Deucalion.Common.Compression;
using Deucalion.Common.Hashing;

namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>
/// Reads the records of one segment of a write-ahead log of Prometheus: pages of 32 KiB, records in checked fragments that stay within their page,
/// compressed as a whole or not. In the last segment of a log an incomplete end is a torn write and ends the records; other damage is
/// <see cref="WalException"/>.
/// </summary>
internal sealed class WalReader(string path, bool isLast) : IDisposable
{
    private const int PageSize = 32 << 10;
    private const int HeaderSize = 7;
    private const int TypeMask = 7;
    private const int SnappyFlag = 8;
    private const int ZstdFlag = 16;

    // No element of a snappy block decodes to more than 64 bytes.
    private const int MaxExpansion = 64;

    private readonly FileStream _file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0, FileOptions.SequentialScan);
    private readonly byte[] _page = new byte[PageSize];
    private byte[] _fragments = new byte[PageSize];
    private byte[] _decoded = [];
    private bool _inPlace;
    private int _pageLength;
    private int _at;
    private long _pageStart;
    private int _length;
    private int _offset;

    private enum FragmentType
    {
        Padding = 0,
        Full = 1,
        First = 2,
        Middle = 3,
        Last = 4,
    }

    /// <summary>The segment.</summary>
    public string Path { get; } = path;

    /// <summary>Where the record read last begins.</summary>
    public long RecordStart { get; private set; }

    /// <summary>Bytes at the end that are no whole record; 0 for an end in order.</summary>
    public long TornBytes { get; private set; }

    /// <summary>The record read last, without its compression; until the next is read.</summary>
    public ReadOnlySpan<byte> Record => _inPlace ? _page.AsSpan(_offset, _length) : _decoded.AsSpan(_offset, _length);

    private long Position => _pageStart + _at;

    /// <summary>Moves to the next record; false at the end.</summary>
    public bool Next()
    {
        if (TornBytes > 0)
        {
            return false;
        }

        var open = false;
        var used = 0;
        while (true)
        {
            if (_at >= _pageLength && !NextPage())
            {
                return open && Damaged("the last record has no end", _file.Length);
            }

            if (!open)
            {
                RecordStart = Position;
            }

            var header = _page[_at];
            var type = (FragmentType)(header & TypeMask);
            if (type == FragmentType.Padding)
            {
                if (_page.AsSpan(_at, _pageLength - _at).ContainsAnyExcept((byte)0))
                {
                    return Damaged("the rest of the page is not empty", Position + 1);
                }

                _at = _pageLength;
                continue;
            }

            if (!TryFragment(out var data, out var reason, out var end))
            {
                return Damaged(reason, end);
            }

            var begins = type is FragmentType.Full or FragmentType.First;
            if (type > FragmentType.Last || begins == open)
            {
                return Damaged($"a fragment of type {(int)type} does not belong here", Position + HeaderSize + data.Length);
            }

            if (type == FragmentType.Full)
            {
                // Never written, but what a header looks like of which only the first byte came to the disk.
                if (data.IsEmpty)
                {
                    return Damaged("a record is empty", end);
                }

                var start = _at + HeaderSize;
                _at = start + data.Length;
                return Complete(header, data, start);
            }

            open = true;
            if (_fragments.Length < used + data.Length)
            {
                Array.Resize(ref _fragments, Math.Max(_fragments.Length * 2, used + data.Length));
            }

            data.CopyTo(_fragments.AsSpan(used));
            used += data.Length;
            _at += HeaderSize + data.Length;
            if (type == FragmentType.Last)
            {
                return Complete(header, _fragments.AsSpan(0, used), -1);
            }
        }
    }

    /// <summary>What to throw for a record that cannot be what was written.</summary>
    public WalException Bad(string reason, Exception? inner) => new(Path, RecordStart, reason, inner);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private bool NextPage()
    {
        _pageStart += _pageLength;
        _at = 0;
        _pageLength = _file.ReadAtLeast(_page, PageSize, throwOnEndOfStream: false);
        return _pageLength > 0;
    }

    private bool TryFragment(out ReadOnlySpan<byte> data, out string reason, out long end)
    {
        data = default;
        end = _file.Length;
        if (_pageLength - _at < HeaderSize)
        {
            reason = "a fragment ends in its header";
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(_page.AsSpan(_at + 1));
        if (length > _pageLength - _at - HeaderSize)
        {
            reason = "a fragment does not end in its page";
            end = _pageLength < PageSize ? end : Position + HeaderSize;
            return false;
        }

        data = _page.AsSpan(_at + HeaderSize, length);
        end = Position + HeaderSize + length;
        reason = "the checksum of a fragment does not match";
        return Crc32C.Compute(data) == BinaryPrimitives.ReadUInt32BigEndian(_page.AsSpan(_at + 3));
    }

    private bool Complete(byte header, ReadOnlySpan<byte> data, int start)
    {
        if ((header & ZstdFlag) != 0)
        {
            throw Bad(
                "the record is compressed with zstd, which is not read here: import a snapshot (POST /api/v1/admin/tsdb/snapshot), or run Prometheus with"
                + " --storage.tsdb.wal-compression-type=snappy until all of its log is newer",
                null);
        }

        _inPlace = start >= 0 && (header & SnappyFlag) == 0;
        if (_inPlace)
        {
            (_offset, _length) = (start, data.Length);
            return true;
        }

        _offset = 0;
        if ((header & SnappyFlag) == 0)
        {
            _length = data.Length;
            Room(_length);
            data.CopyTo(_decoded);
            return true;
        }

        if (SnappyDecoder.ReadLength(data, out var length, out _) != SnappyError.None || length > (ulong)data.Length * MaxExpansion || length > int.MaxValue / 2)
        {
            throw Bad("the compressed record has no length", null);
        }

        _length = (int)length;
        Room(_length);
        var error = SnappyDecoder.Decode(data, _decoded, _length);
        return error == SnappyError.None ? true : throw Bad($"the compressed record cannot be decoded: {error}", null);
    }

    private void Room(int length)
    {
        if (_decoded.Length < length + SnappyDecoder.Slack)
        {
            _decoded = new byte[Math.Max(_decoded.Length * 2, length + SnappyDecoder.Slack)];
        }
    }

    // Torn: nothing was ever written behind the damage.
    private bool Damaged(string reason, long end)
    {
        if (!isLast || !IsEmptyFrom(end))
        {
            throw new WalException(Path, Position, reason, null);
        }

        TornBytes = _file.Length - RecordStart;
        return false;
    }

    private bool IsEmptyFrom(long end)
    {
        _file.Position = end;
        var buffer = new byte[PageSize];
        for (var read = _file.Read(buffer); read > 0; read = _file.Read(buffer))
        {
            if (buffer.AsSpan(0, read).ContainsAnyExcept((byte)0))
            {
                return false;
            }
        }

        return true;
    }
}
