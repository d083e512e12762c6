using Deucalion.Common.IO;

namespace Deucalion.Storage.Blocks;

/// <summary>Appends to a file through a buffer, counting the bytes.</summary>
internal sealed class DiskWriter(IDiskFile file) : IDisposable
{
    private static readonly byte[] Zeros = new byte[64];

    private byte[] _buffer = BlockBuffers.Files.Rent(BlockBuffers.FileBytes);
    private int _used;

    /// <summary>Offset of the next byte.</summary>
    public long Position { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Position += bytes.Length;
        if (bytes.Length > _buffer.Length - _used)
        {
            Flush();
            if (bytes.Length >= _buffer.Length)
            {
                file.Append(bytes);
                return;
            }
        }

        bytes.CopyTo(_buffer.AsSpan(_used));
        _used += bytes.Length;
    }

    /// <summary>Zeros up to a multiple of the alignment (a power of two, at most 64).</summary>
    public void Pad(int alignment) => Write(Zeros.AsSpan(0, (int)(-Position & (alignment - 1))));

    /// <summary>Hands over what is buffered and makes the file durable.</summary>
    public void Complete()
    {
        Flush();
        file.Sync();
    }

    public void Dispose()
    {
        file.Dispose();
        if (_buffer.Length > 0)
        {
            BlockBuffers.Files.Return(_buffer);
            _buffer = [];
        }
    }

    private void Flush()
    {
        if (_used > 0)
        {
            file.Append(_buffer.AsSpan(0, _used));
            _used = 0;
        }
    }
}
