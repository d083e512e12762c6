namespace Deucalion.Common.IO;

/// <summary>
/// A disk that is full after a number of bytes: what was appended through it, less what was deleted or cut. A seam for tests of a full disk
/// and a limit for a data directory that must not fill its file system. Thread-safe.
/// </summary>
public sealed class QuotaDisk(IDisk inner, long limit) : IDisk
{
    private long _used;
    private long _limit = limit;

    /// <summary>Bytes that may be in use. Can be changed at any time.</summary>
    public long Limit
    {
        get => Volatile.Read(ref _limit);
        set => Volatile.Write(ref _limit, value);
    }

    /// <summary>Bytes in use.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>Counts what is in a directory already as in use. Call once, before the directory is used.</summary>
    public void Count(string directory) => Add(DirectoryLength(directory));

    /// <inheritdoc/>
    public IDiskFile Create(string path) => new QuotaFile(this, inner.Create(path));

    /// <inheritdoc/>
    public IDiskFile Open(string path) => new QuotaFile(this, inner.Open(path));

    /// <inheritdoc/>
    public IDiskFile OpenRead(string path) => new QuotaFile(this, inner.OpenRead(path));

    /// <inheritdoc/>
    public bool Exists(string path) => inner.Exists(path);

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        var replaced = FileLength(to);
        inner.Rename(from, to);
        Add(-replaced);
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        var length = FileLength(path);
        inner.Delete(path);
        Add(-length);
    }

    /// <inheritdoc/>
    public void DeleteDirectory(string path)
    {
        var length = DirectoryLength(path);
        inner.DeleteDirectory(path);
        Add(-length);
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path) => inner.CreateDirectory(path);

    /// <inheritdoc/>
    public IReadOnlyList<DiskEntry> List(string directory) => inner.List(directory);

    /// <inheritdoc/>
    public void SyncDirectory(string directory) => inner.SyncDirectory(directory);

    /// <inheritdoc/>
    public long FreeBytes(string directory) => Math.Min(Math.Max(0, Limit - Used), inner.FreeBytes(directory));

    private long FileLength(string path)
    {
        foreach (var entry in inner.List(Path.GetDirectoryName(path)!))
        {
            if (!entry.IsDirectory && entry.Name == Path.GetFileName(path))
            {
                return entry.Length;
            }
        }

        return 0;
    }

    private long DirectoryLength(string path)
    {
        var length = 0L;
        foreach (var entry in inner.List(path))
        {
            length += entry.IsDirectory ? DirectoryLength(Path.Combine(path, entry.Name)) : entry.Length;
        }

        return length;
    }

    private void Add(long bytes) => Interlocked.Add(ref _used, bytes);

    private bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= Limit)
        {
            return true;
        }

        Add(-bytes);
        return false;
    }

    private sealed class QuotaFile(QuotaDisk disk, IDiskFile file) : IDiskFile
    {
        public string Path => file.Path;

        public long Length => file.Length;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            if (!disk.TryTake(bytes.Length))
            {
                throw new DiskFullException($"write {Path}: quota of {disk.Limit} bytes reached", null);
            }

            file.Append(bytes);
        }

        public void Sync() => file.Sync();

        public int Read(long offset, Span<byte> destination) => file.Read(offset, destination);

        public void SetLength(long length)
        {
            var change = length - file.Length;
            file.SetLength(length);
            disk.Add(change);
        }

        public void Dispose() => file.Dispose();
    }
}
