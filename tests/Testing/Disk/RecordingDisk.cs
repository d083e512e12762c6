using Deucalion.Common.IO;

namespace Deucalion.Testing.Disk;

/// <summary>Passes everything on to another disk and remembers which directories were synced.</summary>
public sealed class RecordingDisk(IDisk inner) : IDisk
{
    /// <summary>Directories in order of their syncs.</summary>
    public List<string> SyncedDirectories { get; } = [];

    public IDiskFile Create(string path) => inner.Create(path);

    public IDiskFile Open(string path) => inner.Open(path);

    public IDiskFile OpenRead(string path) => inner.OpenRead(path);

    public bool Exists(string path) => inner.Exists(path);

    public void Rename(string from, string to) => inner.Rename(from, to);

    public void Delete(string path) => inner.Delete(path);

    public void DeleteDirectory(string path) => inner.DeleteDirectory(path);

    public void CreateDirectory(string path) => inner.CreateDirectory(path);

    public IReadOnlyList<DiskEntry> List(string directory) => inner.List(directory);

    public void SyncDirectory(string directory)
    {
        inner.SyncDirectory(directory);
        SyncedDirectories.Add(directory);
    }

    public long FreeBytes(string directory) => inner.FreeBytes(directory);
}
