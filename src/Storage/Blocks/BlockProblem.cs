namespace Deucalion.Storage.Blocks;

/// <summary>What a <see cref="BlockVerifier"/> found wrong.</summary>
public enum BlockProblemKind
{
    /// <summary>A file cannot be read: checksum, structure or a missing file. Nothing that depends on it was looked at.</summary>
    Unreadable = 0,

    /// <summary>Symbols, series, labels or postings are not in order.</summary>
    Order = 1,

    /// <summary>Chunks of a series overlap or are out of order.</summary>
    ChunkOrder = 2,

    /// <summary>A chunk cannot be decoded, its samples are not in order, or it does not hold the time range that the index says.</summary>
    Chunk = 3,

    /// <summary>Postings and series do not tell the same, or postings name a series that does not exist.</summary>
    Postings = 4,

    /// <summary>meta.json says something else than the files.</summary>
    Meta = 5,

    /// <summary>Deletions are of a series that does not exist.</summary>
    Tombstones = 6,
}

/// <summary>One finding.</summary>
public sealed record BlockProblem(BlockProblemKind Kind, string Message);
