using System.Buffers;
using System.Buffers.Binary;
using Deucalion.Common.IO;

namespace Deucalion.Common.Log;

/// <summary>
/// Reads a checkpoint section by section; every byte given out has been verified. Damage, also a missing end, is <see cref="LogCorruptException"/>.
/// Read to the end (<see cref="NextSection"/> false) before trusting the whole. Not thread-safe.
/// </summary>
public sealed class CheckpointReader : IDisposable
{
    private readonly IDiskFile _file;
    private byte[] _block = ArrayPool<byte>.Shared.Rent(CheckpointFormat.BlockHeaderLength + CheckpointFormat.BlockLength);
    private long _offset = CheckpointFormat.HeaderLength;
    private uint _blocks;
    private uint _nextSection;
    private int _length;
    private int _used;
    private bool _blockReady;

    private CheckpointReader(IDiskFile file)
    {
        _file = file;
        Span<byte> bytes = stackalloc byte[CheckpointFormat.HeaderLength];
        Header = CheckpointFormat.ReadHeader(bytes[..file.Read(0, bytes)], file.Path);
    }

    /// <summary>What the checkpoint stands for.</summary>
    public CheckpointHeader Header { get; }

    /// <summary>Number of the current section.</summary>
    public uint Section { get; private set; } = CheckpointFormat.EndSection;

    /// <summary>Opens the checkpoint at the path, or null where there is none.</summary>
    public static CheckpointReader? Open(IDisk disk, string path)
    {
        if (!disk.Exists(path))
        {
            return null;
        }

        var file = disk.OpenRead(path);
        try
        {
            return new CheckpointReader(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Goes to the next section, past what is unread of this one; false at the verified end.</summary>
    public bool NextSection()
    {
        if (Section == CheckpointFormat.EndSection && _blocks > 0)
        {
            return false;
        }

        while (!_blockReady || (_nextSection == Section && Section != CheckpointFormat.EndSection))
        {
            ReadBlock();
        }

        Section = _nextSection;
        if (Section != CheckpointFormat.EndSection)
        {
            return true;
        }

        var payload = _block.AsSpan(CheckpointFormat.BlockHeaderLength, _length);
        if (_length != 4 || BinaryPrimitives.ReadUInt32LittleEndian(payload) != _blocks - 1)
        {
            throw Damaged("the end does not fit the rest");
        }

        return false;
    }

    /// <summary>Reads bytes of the current section; fewer than asked only at its end.</summary>
    public int Read(Span<byte> destination)
    {
        var total = 0;
        while (total < destination.Length)
        {
            var bytes = Peek();
            if (bytes.IsEmpty)
            {
                break;
            }

            var count = Math.Min(bytes.Length, destination.Length - total);
            bytes[..count].CopyTo(destination[total..]);
            _used += count;
            total += count;
        }

        return total;
    }

    /// <summary>Reads exactly as many bytes as asked; a section that is shorter is damage.</summary>
    public void ReadExactly(Span<byte> destination)
    {
        if (Read(destination) != destination.Length)
        {
            throw Damaged($"section {Section} is too short");
        }
    }

    /// <summary>The unread bytes of the current section that are at hand, empty at its end; follow with <see cref="Consume"/>.</summary>
    public ReadOnlySpan<byte> Peek()
    {
        while (Section != CheckpointFormat.EndSection)
        {
            if (!_blockReady)
            {
                ReadBlock();
            }

            if (_nextSection != Section)
            {
                break;
            }

            if (_used < _length)
            {
                return _block.AsSpan(CheckpointFormat.BlockHeaderLength + _used, _length - _used);
            }

            _blockReady = false;
        }

        return default;
    }

    /// <summary>Goes past bytes that <see cref="Peek"/> gave.</summary>
    public void Consume(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_length - _used));
        _used += count;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        if (_block.Length == 0)
        {
            return;
        }

        ArrayPool<byte>.Shared.Return(_block);
        _block = [];
        _file.Dispose();
    }

    private void ReadBlock()
    {
        Span<byte> header = stackalloc byte[CheckpointFormat.BlockHeaderLength];
        if (_file.Read(_offset, header) != header.Length)
        {
            throw Damaged("the end is missing");
        }

        var section = BinaryPrimitives.ReadUInt32LittleEndian(header);
        var length = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        if (length <= 0 || length > _file.Length - _offset - header.Length)
        {
            throw Damaged($"the length of block {_blocks} is wrong");
        }

        if (header.Length + length > _block.Length)
        {
            ArrayPool<byte>.Shared.Return(_block);
            _block = ArrayPool<byte>.Shared.Rent(header.Length + length);
        }

        var payload = _block.AsSpan(header.Length, length);
        if (_file.Read(_offset + header.Length, payload) != length
            || CheckpointFormat.BlockCrc(_blocks, section, payload) != BinaryPrimitives.ReadUInt32LittleEndian(header[8..]))
        {
            throw Damaged($"block {_blocks} is damaged");
        }

        _offset += header.Length + length;
        _blocks++;
        _length = length;
        _used = 0;
        _nextSection = section;
        _blockReady = true;
    }

    private LogCorruptException Damaged(string what) => new($"checkpoint {_file.Path}: {what}");
}
