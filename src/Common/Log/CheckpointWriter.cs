using System.Buffers;
using System.Buffers.Binary;
using Deucalion.Common.IO;

namespace Deucalion.Common.Log;

/// <summary>
/// Writes a checkpoint: sections of bytes under a temporary name; <see cref="Commit"/> makes it the checkpoint atomically and durably. Disposed
/// without it, the former checkpoint stays. Not thread-safe.
/// </summary>
public sealed class CheckpointWriter : IBufferWriter<byte>, IDisposable
{
    private readonly IDisk _disk;
    private readonly string _path;
    private readonly string _temporary;
    private readonly IDiskFile _file;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(CheckpointFormat.BlockHeaderLength + CheckpointFormat.BlockLength);
    private int _used = CheckpointFormat.BlockHeaderLength;
    private uint _section = CheckpointFormat.EndSection;
    private uint _blocks;
    private bool _committed;

    /// <summary>Begins the checkpoint that will stand at <paramref name="path"/>, whose directory is created where absent.</summary>
    public CheckpointWriter(IDisk disk, string path, in CheckpointHeader header)
    {
        _disk = disk;
        _path = path;
        _temporary = path + AtomicFile.TemporarySuffix;
        disk.CreateDirectory(Path.GetDirectoryName(path)!);
        disk.Delete(_temporary);
        _file = disk.Create(_temporary);
        Span<byte> bytes = stackalloc byte[CheckpointFormat.HeaderLength];
        CheckpointFormat.WriteHeader(bytes, header);
        _file.Append(bytes);
    }

    /// <summary>Bytes in the file so far.</summary>
    public long Length => _file.Length;

    /// <summary>What follows belongs to this section. Numbers are the owner's; 0xFFFFFFFF is reserved. Empty sections leave no trace; one section after itself is one.</summary>
    public void BeginSection(uint section)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(section, CheckpointFormat.EndSection);
        Flush();
        _section = section;
    }

    /// <summary>Adds bytes to the section.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var free = GetSpan(1);
            var count = Math.Min(free.Length, bytes.Length);
            bytes[..count].CopyTo(free);
            Advance(count);
            bytes = bytes[count..];
        }
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_buffer.Length - _used));
        _used += count;
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Require(sizeHint);
        return _buffer.AsSpan(_used);
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Require(sizeHint);
        return _buffer.AsMemory(_used);
    }

    /// <summary>Ends the file, makes it durable and puts it in the place of the former checkpoint.</summary>
    public void Commit()
    {
        Flush();
        _section = CheckpointFormat.EndSection;
        var blocks = _blocks;
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_used), blocks);
        _used += 4;
        Flush();
        _file.Sync();
        _file.Dispose();
        _disk.Rename(_temporary, _path);
        _committed = true;
        _disk.SyncDirectory(Path.GetDirectoryName(_path)!);
    }

    /// <summary>Drops what was not committed.</summary>
    public void Dispose()
    {
        if (_buffer.Length == 0)
        {
            return;
        }

        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _file.Dispose();
        if (!_committed)
        {
            _disk.Delete(_temporary);
        }
    }

    private void Require(int size)
    {
        size = Math.Max(size, 1);
        if (_used + size <= _buffer.Length && _used < CheckpointFormat.BlockHeaderLength + CheckpointFormat.BlockLength)
        {
            return;
        }

        Flush();
        if (CheckpointFormat.BlockHeaderLength + size > _buffer.Length)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(CheckpointFormat.BlockHeaderLength + size);
        }
    }

    private void Flush()
    {
        var payload = _buffer.AsSpan(CheckpointFormat.BlockHeaderLength, _used - CheckpointFormat.BlockHeaderLength);
        if (payload.IsEmpty)
        {
            return;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(_buffer, _section);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(4), payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(8), CheckpointFormat.BlockCrc(_blocks, _section, payload));
        _file.Append(_buffer.AsSpan(0, _used));
        _blocks++;
        _used = CheckpointFormat.BlockHeaderLength;
    }
}
