namespace Deucalion.Common.IO;

/// <summary>Small files that are replaced as a whole: after a crash the old or the new content is there, never a mixture.</summary>
public static class AtomicFile
{
    /// <summary>Ending of the temporary name; a file with it is a leftover of a crash and may be deleted.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <summary>Replaces the file (temporary, data sync, rename, directory sync). When it returns the content is durable.</summary>
    public static void Write(IDisk disk, string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + TemporarySuffix;
        disk.Delete(temporary);
        using (var file = disk.Create(temporary))
        {
            file.Append(content);
            file.Sync();
        }

        disk.Rename(temporary, path);
        disk.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>
    /// The whole content, or null where the file is absent. What is returned may not be durable: a process that was killed before it synced the directory
    /// leaves a file that the next power loss takes back. Sync the directory before relying on it.
    /// </summary>
    public static byte[]? Read(IDisk disk, string path)
    {
        if (!disk.Exists(path))
        {
            return null;
        }

        IDiskFile file;
        try
        {
            file = disk.OpenRead(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }

        using var opened = file;
        var content = new byte[file.Length];
        var length = file.Read(0, content);
        return length == content.Length ? content : content[..length];
    }
}
