using System.Buffers.Binary;
using System.Globalization;
using Deucalion.Common.Hashing;
using Deucalion.Common.IO;

namespace Deucalion.Storage.Blocks;

/// <summary>Writes the chunks files of a block one after the other.</summary>
internal sealed class ChunkSegmentWriter(IDisk disk, string directory, long segmentSize) : IDisposable
{
    private readonly ByteBuffer _head = new();
    private DiskWriter? _file;
    private int _count;

    /// <summary>Name of a chunks file by its number, from 0.</summary>
    public static string FileName(int segment) => (segment + 1).ToString("D6", CultureInfo.InvariantCulture);

    /// <summary>Writes a chunk and returns its reference.</summary>
    public ulong Write(byte encoding, ReadOnlySpan<byte> data)
    {
        _head.Clear();
        _head.Uvarint((uint)data.Length);
        _head.Byte(encoding);
        var size = _head.Length + data.Length + ChunkSegment.CrcSize;
        if (_file is null || _file.Position + size > segmentSize)
        {
            Begin();
        }

        var reference = ((ulong)(_count - 1) << 32) | (ulong)_file!.Position;
        var crc = Crc32C.Append(Crc32C.Compute(_head.Span[^1..]), data);
        _file.Write(_head.Span);
        _file.Write(data);
        _head.Clear();
        _head.UInt32(crc);
        _file.Write(_head.Span);
        return reference;
    }

    /// <summary>Makes all files durable.</summary>
    public void Complete()
    {
        _file?.Complete();
        _file?.Dispose();
        _file = null;
    }

    public void Dispose() => _file?.Dispose();

    private void Begin()
    {
        Complete();
        _file = new DiskWriter(disk.Create(Path.Combine(directory, FileName(_count))));
        _count++;
        Span<byte> header = stackalloc byte[ChunkSegment.HeaderSize];
        header.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(header, ChunkSegment.Magic);
        header[4] = ChunkSegment.Version;
        _file.Write(header);
    }
}
