namespace Deucalion.Storage.Blocks;

/// <summary>What a <see cref="BlockVerifier"/> found wrong.</summary>
public enum BlockProblemKind
{
    /// <summary>A file cannot be read: checksum, structure or a missing file. Nothing that depends on it was looked at.</summary>
    Unreadable = 0,

    /// <summary>Symbols, series or labels are not in order.</summary>
    Order = 1,

    /// <summary>Chunks of a series overlap or are out of order.</summary>
    ChunkOrder = 2,

    /// <summary>A chunk cannot be decoded, or does not hold the time range that the index says.</summary>
    Chunk = 3,

    /// <summary>Postings and series do not tell the same.</summary>
    Postings = 4,

    /// <summary>meta.json says something else than the files.</summary>
    Meta = 5,
}

/// <summary>One finding.</summary>
public sealed record BlockProblem(BlockProblemKind Kind, string Message);
