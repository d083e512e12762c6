using Deucalion.Common.Identifiers;
using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Tools;

/// <summary>The blocks in a data directory: of Prometheus, of a tenant in a bucket, or anything that holds block directories.</summary>
public static class DatabaseDirectory
{
    /// <summary>
    /// Paths of all blocks, by name; a path that is itself a block gives that one. A path that does not exist is
    /// <see cref="DirectoryNotFoundException"/>.
    /// </summary>
    public static IReadOnlyList<string> Paths(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new DirectoryNotFoundException($"there is no directory {path}");
        }

        return IsBlock(path)
            ? [path]
            : [.. Directory.GetDirectories(path).Where(static d => Ulid.TryParse(Path.GetFileName(d), out _) && IsBlock(d)).Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// All blocks, by time, then by name; a path that is itself a block gives that one. Directories of another name, or without a meta.json,
    /// are no blocks. A path that does not exist is <see cref="DirectoryNotFoundException"/>, a meta.json that cannot be read
    /// <see cref="CorruptBlockException"/>.
    /// </summary>
    public static async Task<IReadOnlyList<DatabaseBlock>> BlocksAsync(string path, CancellationToken cancellationToken)
    {
        var blocks = new List<DatabaseBlock>();
        foreach (var directory in Paths(path))
        {
            blocks.Add(await ReadAsync(directory, cancellationToken));
        }

        return [.. blocks.OrderBy(static b => b.Meta.MinTime).ThenBy(static b => b.Meta.MaxTime).ThenBy(static b => b.Meta.Ulid, StringComparer.Ordinal)];
    }

    private static bool IsBlock(string path) => File.Exists(Path.Combine(path, BlockMeta.FileName));

    private static async Task<DatabaseBlock> ReadAsync(string directory, CancellationToken cancellationToken)
    {
        try
        {
            var meta = BlockMeta.Parse(await File.ReadAllBytesAsync(Path.Combine(directory, BlockMeta.FileName), cancellationToken));
            return new DatabaseBlock(directory, meta, Bytes(directory));
        }
        catch (CorruptBlockException e)
        {
            throw new CorruptBlockException($"{directory}: {e.Message}", e);
        }
    }

    internal static long Bytes(string directory)
    {
        var chunks = new DirectoryInfo(Path.Combine(directory, BlockFiles.ChunksDirectory));
        IEnumerable<FileInfo> files = chunks.Exists ? chunks.EnumerateFiles() : [];
        string[] names = [BlockMeta.FileName, BlockFiles.Index, BlockFiles.Tombstones];
        return files.Concat(names.Select(n => new FileInfo(Path.Combine(directory, n)))).Where(static f => f.Exists).Sum(static f => f.Length);
    }
}
