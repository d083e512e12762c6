namespace Deucalion.Interop.Kit;

/// <summary>Copies of directories.</summary>
public static class Copies
{
    /// <summary>Copies a directory with all below it.</summary>
    public static void Tree(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
