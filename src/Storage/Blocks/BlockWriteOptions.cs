using Deucalion.Common.Identifiers;

namespace Deucalion.Storage.Blocks;

/// <summary>What the writer puts into meta.json beside what it counts.</summary>
public sealed record BlockWriteOptions
{
    /// <summary>Identity of the block.</summary>
    public required Ulid Ulid { get; init; }

    /// <summary>Start of the range, or null for the first sample.</summary>
    public long? MinTime { get; init; }

    /// <summary>End of the range, exclusive, or null for one past the last sample.</summary>
    public long? MaxTime { get; init; }

    /// <summary>1 for a block cut from a head; for a merge one more than the highest of its parents.</summary>
    public int Level { get; init; } = 1;

    /// <summary>Level-1 ancestors; empty means the block itself.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Blocks it is merged from.</summary>
    public IReadOnlyList<BlockParent> Parents { get; init; } = [];

    /// <summary>Our own part of the meta data.</summary>
    public BlockExtension? Extension { get; init; }

    /// <summary>Size at which a new chunks file is begun, bytes; below 4 GiB, since offsets have 32 bits.</summary>
    public long SegmentSize { get; init; } = 512L << 20;
}
