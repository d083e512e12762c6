using Deucalion.Common.Hashing;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;

namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>
/// Reads a file of <c>chunks_head</c>: chunks that a running Prometheus has completed and mapped. In the last file an incomplete chunk ends the file;
/// other damage is <see cref="WalException"/>.
/// </summary>
internal sealed class HeadChunkFile : IDisposable
{
    private const uint Magic = 0x0130BC91;
    private const byte Version = 1;
    private const int FileHeaderSize = 8;
    private const int ChunkHeaderSize = 25;
    private const int MaxLengthSize = 5;
    private const int ChecksumSize = 4;
    private const byte LateFlag = 0x80;

    private readonly MappedByteSource _file;
    private readonly string _path;
    private readonly bool _isLast;
    private long _at = FileHeaderSize;

    public HeadChunkFile(string path, bool isLast)
    {
        _path = path;
        _isLast = isLast;
        _file = new MappedByteSource(path);
        if (_file.Length >= FileHeaderSize)
        {
            var header = new ByteReader(_file.Span(0, FileHeaderSize));
            if (header.UInt32() != Magic || header.Byte() != Version)
            {
                _file.Dispose();
                throw new WalException(path, 0, "the file does not begin as one of head chunks", null);
            }
        }
    }

    /// <summary>Whether the file ends within a chunk.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>Where the chunk read last begins.</summary>
    public long ChunkStart { get; private set; }

    /// <summary>Number of the chunk's series.</summary>
    public ulong Reference { get; private set; }

    /// <summary>First sample.</summary>
    public long MinTime { get; private set; }

    /// <summary>Last sample.</summary>
    public long MaxTime { get; private set; }

    /// <summary>Encoding byte.</summary>
    public byte Encoding { get; private set; }

    /// <summary>Whether it holds samples that came out of order.</summary>
    public bool IsLate { get; private set; }

    /// <summary>Reads the next chunk; false at the end.</summary>
    public bool Next(out ReadOnlySpan<byte> chunk)
    {
        chunk = default;
        ChunkStart = _at;
        var left = (int)Math.Min(_file.Length - _at, int.MaxValue);
        if (IsTorn || left <= 0 || !_file.Span(_at, Math.Min(left, ChunkHeaderSize)).ContainsAnyExcept((byte)0))
        {
            return false;
        }

        try
        {
            chunk = Read(left);
            return true;
        }
        catch (CorruptBlockException e)
        {
            if (!_isLast)
            {
                throw new WalException(_path, ChunkStart, e.Message, e);
            }

            IsTorn = true;
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private ReadOnlySpan<byte> Read(int left)
    {
        var reader = new ByteReader(_file.Span(_at, Math.Min(left, ChunkHeaderSize + MaxLengthSize)));
        (Reference, MinTime, MaxTime) = (reader.UInt64(), (long)reader.UInt64(), (long)reader.UInt64());
        var encoding = reader.Byte();
        (Encoding, IsLate) = ((byte)(encoding & ~LateFlag), (encoding & LateFlag) != 0);
        var length = reader.Uvarint32();
        var checkedSize = reader.Position + (long)length;
        if (checkedSize + ChecksumSize > left)
        {
            throw new CorruptBlockException("a chunk is longer than the file");
        }

        var bytes = _file.Span(_at, (int)checkedSize);
        var checksum = new ByteReader(_file.Span(_at + checkedSize, ChecksumSize)).UInt32();
        if (Crc32C.Compute(bytes) != checksum)
        {
            throw new CorruptBlockException("the checksum of a chunk does not match");
        }

        if (!ChunkEncoding.IsKnown(Encoding))
        {
            throw new WalException(_path, ChunkStart, $"chunk encoding {Encoding} is not known", null);
        }

        _at += checkedSize + ChecksumSize;
        return bytes[reader.Position..];
    }
}
