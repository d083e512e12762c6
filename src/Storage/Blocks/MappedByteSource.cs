using System.IO.MemoryMappedFiles;

namespace Deucalion.Storage.Blocks;

/// <summary>A local file mapped into memory. The file may be unlinked while it is mapped, but never cut or rewritten.</summary>
public sealed unsafe class MappedByteSource : IByteSource
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;
    private readonly string _path;
    private int _disposed;

    /// <summary>Maps a file; a missing one is <see cref="FileNotFoundException"/>.</summary>
    public MappedByteSource(string path)
    {
        _path = path;
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        Length = RandomAccess.GetLength(handle);
        if (Length == 0)
        {
            // An empty file cannot be mapped.
            return;
        }

        using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        _file = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _start = start + _view.PointerOffset;
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public bool IsMapped => true;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (offset < 0 || length < 0 || offset > Length - length)
        {
            throw new CorruptBlockException($"{_path}: no bytes [{offset}, +{length}) in a file of {Length}");
        }

        return new ReadOnlySpan<byte>(_start + offset, length);
    }

    /// <inheritdoc/>
    public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        Span(offset, destination.Length).CopyTo(destination.Span);
        return ValueTask.CompletedTask;
    }

    /// <summary>Unmaps the file. Not while another thread may still read a span.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0 && _view is not null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file?.Dispose();
        }
    }
}
