namespace Deucalion.Storage.Blocks;

/// <summary>Names of the files of a block, relative to it.</summary>
public static class BlockFiles
{
    /// <summary>The index.</summary>
    public const string Index = "index";

    /// <summary>Directory of the chunks files.</summary>
    public const string ChunksDirectory = "chunks";

    /// <summary>Deletions; need not exist.</summary>
    public const string Tombstones = "tombstones";
}
