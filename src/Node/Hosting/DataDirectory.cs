namespace Deucalion.Node.Hosting;

/// <summary>The data directory belongs to one process at a time.</summary>
internal static class DataDirectory
{
    /// <summary>Creates the directory where absent and locks it until disposal; one in use by another process is <see cref="IOException"/>.</summary>
    public static FileStream Lock(string path)
    {
        Directory.CreateDirectory(path);
        try
        {
            return new FileStream(Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"data directory {Path.GetFullPath(path)} is in use by another process; stop it or choose another --data.path", e);
        }
    }
}
