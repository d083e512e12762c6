using System.Runtime.InteropServices;

namespace Deucalion.Common.IO;

/// <summary>The real file system. Stateless and thread-safe.</summary>
public sealed class LinuxDisk : IDisk
{
    /// <inheritdoc/>
    public IDiskFile Create(string path) => Open(path, FileMode.CreateNew, FileAccess.ReadWrite);

    /// <inheritdoc/>
    public IDiskFile Open(string path) => Open(path, FileMode.Open, FileAccess.ReadWrite);

    /// <inheritdoc/>
    public IDiskFile OpenRead(string path) => Open(path, FileMode.Open, FileAccess.Read);

    /// <inheritdoc/>
    public bool Exists(string path) => Path.Exists(path);

    /// <inheritdoc/>
    public void Rename(string from, string to) => Do("rename", from, () =>
    {
        if (Directory.Exists(from))
        {
            Directory.Move(from, to);
        }
        else
        {
            File.Move(from, to, overwrite: true);
        }
    });

    /// <inheritdoc/>
    public void Delete(string path) => Do("delete", path, () =>
    {
        if (Path.Exists(path))
        {
            File.Delete(path);
        }
    });

    /// <inheritdoc/>
    public void DeleteDirectory(string path) => Do("delete", path, () =>
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    });

    /// <inheritdoc/>
    public void CreateDirectory(string path) => Do("create", path, () =>
    {
        var missing = new Stack<string>();
        var current = Path.GetFullPath(path);
        for (; !Directory.Exists(current); current = Path.GetDirectoryName(current)!)
        {
            missing.Push(current);
        }

        SyncName(current);
        foreach (var directory in missing)
        {
            Directory.CreateDirectory(directory);
            SyncDirectory(Path.GetDirectoryName(directory)!);
        }
    });

    /// <inheritdoc/>
    public IReadOnlyList<DiskEntry> List(string directory)
    {
        var entries = new List<DiskEntry>();
        Do("list", directory, () =>
        {
            try
            {
                foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos())
                {
                    Add(entry);
                }
            }
            catch (DirectoryNotFoundException)
            {
                // Absent, or deleted meanwhile.
            }
        });
        entries.Sort(static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        return entries;

        void Add(FileSystemInfo entry)
        {
            try
            {
                entries.Add(entry is FileInfo file ? new DiskEntry(file.Name, false, file.Length) : new DiskEntry(entry.Name, true, 0));
            }
            catch (FileNotFoundException)
            {
                // Deleted since its name was read.
            }
        }
    }

    /// <inheritdoc/>
    public void SyncDirectory(string directory)
    {
        var descriptor = LinuxNative.Open(directory, LinuxNative.OpenReadOnly | LinuxNative.OpenDirectory | LinuxNative.OpenCloseOnExec, 0);
        if (descriptor < 0)
        {
            throw LinuxNative.Failure("open directory", directory, Marshal.GetLastPInvokeError());
        }

        var result = LinuxNative.Sync(descriptor);
        var errno = Marshal.GetLastPInvokeError();
        _ = LinuxNative.Close(descriptor);
        if (result != 0)
        {
            throw LinuxNative.Failure("sync directory", directory, errno);
        }
    }

    /// <inheritdoc/>
    public long FreeBytes(string directory)
    {
        var free = 0L;
        Do("statfs", directory, () => free = new DriveInfo(Path.GetFullPath(directory)).AvailableFreeSpace);
        return free;
    }

    /// <summary>Makes the name of a directory that was found durable; one that lies where we may not look is not of our making.</summary>
    private void SyncName(string directory)
    {
        if (Path.GetDirectoryName(directory) is not { } parent)
        {
            return;
        }

        try
        {
            SyncDirectory(parent);
        }
        catch (IOException exception) when (exception.HResult is LinuxNative.ErrorAccess or LinuxNative.ErrorInvalid or LinuxNative.ErrorReadOnly)
        {
        }
    }

    private static LinuxFile Open(string path, FileMode mode, FileAccess access)
    {
        try
        {
            // Readers and the writer open the same file.
            return new LinuxFile(path, File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (Exception exception)
        {
            throw LinuxNative.Translate("open", path, exception);
        }
    }

    private static void Do(string what, string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception)
        {
            throw LinuxNative.Translate(what, path, exception);
        }
    }
}
