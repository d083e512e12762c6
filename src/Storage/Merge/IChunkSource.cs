namespace Deucalion.Storage.Merge;

/// <summary>Something that holds chunks in memory, or mapped: what a <see cref="ChunkMerger"/> reads from.</summary>
public interface IChunkSource
{
    /// <summary>Bytes and encoding of a chunk by the handle it was announced with. Valid as long as the source is.</summary>
    ReadOnlySpan<byte> Chunk(long handle, out byte encoding);
}
