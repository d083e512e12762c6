using Deucalion.Common.IO;

namespace Deucalion.Compactor.Tests.Compaction;

/// <summary>Passes everything on to another disk until a process on it dies: from then on nothing has any effect.</summary>
internal sealed class CuttableDisk(IDisk inner) : IDisk
{
    private long _left = long.MaxValue;

    /// <summary>Operations so far.</summary>
    public long Operations { get; private set; }

    /// <summary>What it says is free.</summary>
    public long Free { get; set; } = long.MaxValue;

    /// <summary>Lets so many operations through, and no more until it is called again.</summary>
    public void CutAfter(long operations) => _left = operations;

    public IDiskFile Create(string path) => Do(() => new CuttableFile(this, inner.Create(path)));

    public IDiskFile Open(string path) => Do(() => new CuttableFile(this, inner.Open(path)));

    public IDiskFile OpenRead(string path) => inner.OpenRead(path);

    public bool Exists(string path) => inner.Exists(path);

    public void Rename(string from, string to) => Do(() => inner.Rename(from, to));

    public void Delete(string path) => Do(() => inner.Delete(path));

    public void DeleteDirectory(string path) => Do(() => inner.DeleteDirectory(path));

    public void CreateDirectory(string path) => Do(() => inner.CreateDirectory(path));

    public IReadOnlyList<DiskEntry> List(string directory) => inner.List(directory);

    public void SyncDirectory(string directory) => Do(() => inner.SyncDirectory(directory));

    public long FreeBytes(string directory) => Free;

    private void Do(Action action) => Do(() =>
    {
        action();
        return true;
    });

    private T Do<T>(Func<T> action)
    {
        Operations++;
        return _left-- > 0 ? action() : throw new IOException("the process is dead");
    }

    private sealed class CuttableFile(CuttableDisk disk, IDiskFile file) : IDiskFile
    {
        public string Path => file.Path;

        public long Length => file.Length;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            disk.Do(static () => { });
            file.Append(bytes);
        }

        public void Sync() => disk.Do(file.Sync);

        public int Read(long offset, Span<byte> destination) => file.Read(offset, destination);

        public void SetLength(long length) => disk.Do(() => file.SetLength(length));

        public void Dispose() => file.Dispose();
    }
}
