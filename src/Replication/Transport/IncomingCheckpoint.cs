using Deucalion.Common.Hashing;
using Deucalion.Common.IO;

namespace Deucalion.Replication.Transport;

/// <summary>
/// The file of a checkpoint as it arrives. It has a temporary name until it is whole and durable; disposed before that, nothing of it stays. Failures of
/// the disk are <see cref="IOException"/>; what does not fit together is <see cref="ReplicaMessageFormatException"/>. Not thread-safe.
/// </summary>
internal sealed class IncomingCheckpoint : IDisposable
{
    // Synced as it grows: one sync of gigabytes at the end would hold up the journal on the same disk.
    private const long SyncEvery = 32L << 20;

    private readonly IDisk _disk;
    private readonly string _path;
    private readonly long _reserve;
    private string? _name;
    private IDiskFile? _file;
    private long _length;
    private long _synced;
    private uint _crc;

    public IncomingCheckpoint(IDisk disk, string path, long reserve)
    {
        _disk = disk;
        _path = path;
        _reserve = reserve;
        CheckRoom();
        var temporary = path + AtomicFile.TemporarySuffix;
        _disk.Delete(temporary);
        _file = _disk.Create(temporary);
        _name = temporary;
    }

    /// <summary>Takes the next bytes.</summary>
    public void Append(long offset, ReadOnlySpan<byte> bytes)
    {
        if (offset != _length)
        {
            throw new ReplicaMessageFormatException($"{bytes.Length} bytes of a checkpoint belong at {offset}, but {_length} have come");
        }

        _file!.Append(bytes);
        _length += bytes.Length;
        _crc = Crc32C.Append(_crc, bytes);
        if (_length - _synced >= SyncEvery)
        {
            _file.Sync();
            _synced = _length;
            CheckRoom();
        }
    }

    /// <summary>Ends the file, if it is whole, and gives it its name, durably.</summary>
    public void Complete(long length, uint crc)
    {
        if (length != _length || crc != _crc)
        {
            throw new ReplicaMessageFormatException($"a checkpoint of {length} bytes with checksum {crc:x8} came as {_length} bytes with checksum {_crc:x8}");
        }

        _file!.Sync();
        Close();
        _disk.Rename(_name!, _path);
        _name = _path;
        _disk.SyncDirectory(Path.GetDirectoryName(_path)!);
        _name = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        if (_name is { } name)
        {
            _name = null;
            _disk.Delete(name);
        }
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    private void CheckRoom()
    {
        var free = _disk.FreeBytes(Path.GetDirectoryName(_path)!);
        if (free < _reserve + SyncEvery)
        {
            throw new DiskFullException($"{free} bytes are free: too few for a checkpoint beside the reserve of {_reserve}", null);
        }
    }
}
