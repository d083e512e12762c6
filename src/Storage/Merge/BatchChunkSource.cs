using Deucalion.Common.Contracts;
using Deucalion.Storage.Tombstones;

namespace Deucalion.Storage.Merge;

/// <summary>The chunks of a batch, for a merger.</summary>
public sealed class BatchChunkSource(ChunkSeriesBatch batch) : IChunkSource
{
    /// <summary>Offers the chunks of a series to a merger.</summary>
    public void AddTo(ChunkMerger merger, int series) => AddTo(merger, series, default);

    /// <summary>Offers the chunks of a series to a merger, of which samples in some ranges (sorted, apart) are deleted.</summary>
    public void AddTo(ChunkMerger merger, int series, ReadOnlyMemory<TimeInterval> deleted)
    {
        var chunks = batch.ChunksAt(series);
        for (var i = 0; i < chunks.Length; i++)
        {
            merger.Add(this, ((long)series << 32) | (uint)i, chunks[i].MinTime, chunks[i].MaxTime, deleted);
        }
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Chunk(long handle, out byte encoding)
    {
        ref readonly var chunk = ref batch.ChunksAt((int)(handle >> 32))[(int)(uint)handle];
        encoding = chunk.Encoding;
        return batch.Bytes(chunk);
    }
}
