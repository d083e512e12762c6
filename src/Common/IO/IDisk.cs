namespace Deucalion.Common.IO;

/// <summary>
/// The seam between the product and a file system. Production: <c>LinuxDisk</c>; tests swap in disks that lose or tear what was not synced.
/// Names, like contents, are durable only after a sync: a created, renamed or deleted entry survives a power loss once
/// <see cref="SyncDirectory"/> of its directory has returned. All failures are <see cref="IOException"/>; a full disk is <see cref="DiskFullException"/>.
/// Thread-safe.
/// </summary>
public interface IDisk
{
    /// <summary>Creates a file that must not exist, open for reading and appending.</summary>
    IDiskFile Create(string path);

    /// <summary>Opens an existing file for reading and appending.</summary>
    IDiskFile Open(string path);

    /// <summary>Opens an existing file for reading.</summary>
    IDiskFile OpenRead(string path);

    /// <summary>Whether a file or directory of that name exists.</summary>
    bool Exists(string path);

    /// <summary>Atomically gives a file or directory another name on the same file system, replacing a file of that name.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file; no error where it is absent.</summary>
    void Delete(string path);

    /// <summary>Deletes a directory and all below it; no error where it is absent.</summary>
    void DeleteDirectory(string path);

    /// <summary>
    /// Creates a directory and its parents where absent. When it returns they are durable, also one that a killed process had created and not synced.
    /// </summary>
    void CreateDirectory(string path);

    /// <summary>Names (not paths) of the files and directories in a directory, sorted; empty where it is absent.</summary>
    IReadOnlyList<DiskEntry> List(string directory);

    /// <summary>Makes creations, renames and deletions in the directory durable.</summary>
    void SyncDirectory(string directory);

    /// <summary>Bytes free for us on the file system of the directory.</summary>
    long FreeBytes(string directory);
}

/// <summary>One entry of a directory.</summary>
public readonly record struct DiskEntry(string Name, bool IsDirectory, long Length);

/// <summary>An open file. Writes go to the end. One writer at a time; reads may run beside it.</summary>
public interface IDiskFile : IDisposable
{
    /// <summary>Path it was opened by.</summary>
    string Path { get; }

    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>Appends all bytes, or throws; after an exception the tail of the file is undefined.</summary>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Makes contents and length durable (fdatasync). After a failure the file must not be used until it has been reopened and verified.</summary>
    void Sync();

    /// <summary>Reads at an offset; returns the number of bytes, less than asked only at the end.</summary>
    int Read(long offset, Span<byte> destination);

    /// <summary>Cuts the file to a length.</summary>
    void SetLength(long length);
}

/// <summary>No space left on the device (or quota).</summary>
public sealed class DiskFullException(string message, Exception? inner) : IOException(message, inner);
