namespace Deucalion.Storage.Blocks;

/// <summary>
/// A chunk as the index lists it: where it lies (segment number in the upper 32 bits, offset in the lower), oldest and newest sample.
/// </summary>
public readonly record struct ChunkMeta(ulong Reference, long MinTime, long MaxTime)
{
    /// <summary>Number of the segment, from 0.</summary>
    public int Segment => (int)(Reference >> 32);

    /// <summary>Offset of the chunk in the segment.</summary>
    public long Offset => (long)(Reference & uint.MaxValue);
}
