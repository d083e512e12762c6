using System.Runtime.InteropServices;
using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Memory;
using Deucalion.Storage.Index;
using Deucalion.Storage.Merge;
using Deucalion.Storage.Tombstones;

namespace Deucalion.Storage.Blocks;

/// <summary>
/// Series selected from a block, in the order of their labels, with the chunks that overlap the range asked for. Read by any number of
/// threads; keeps the block's files until it is disposed. After <see cref="LoadAsync"/> chunks can be read in place.
/// </summary>
public sealed class BlockSelection : IChunkSource, IDisposable
{
    private readonly BlockReader _block;
    private readonly PooledColumn<uint> _ids = new();
    private readonly PooledColumn<int> _firstChunk = new();
    private readonly List<ChunkMeta> _chunks = [];
    private readonly BlockLabels _labels;
    private LoadedChunks? _loaded;
    private int _disposed;

    internal BlockSelection(BlockReader block)
    {
        block.Acquire();
        _block = block;
        _labels = new BlockLabels(block.Index.Symbols, Labels);
    }

    /// <summary>Number of series.</summary>
    public int Count => _ids.Count;

    /// <summary>Number of chunks of all series; their handles as <see cref="IChunkSource"/> are 0 … ChunkCount-1.</summary>
    public int ChunkCount => _chunks.Count;

    /// <summary>Labels of the series.</summary>
    public LabelSets Labels { get; } = new();

    /// <summary>Labels of a series, made for the call.</summary>
    public Labels LabelsAt(int series) => Labels.LabelsAt(series);

    /// <summary>Handle of the first chunk of a series; the others follow.</summary>
    public int FirstChunkAt(int series) => _firstChunk[series];

    /// <summary>Chunks of a series in order of time.</summary>
    public ReadOnlySpan<ChunkMeta> ChunksAt(int series)
    {
        var first = _firstChunk[series];
        var end = series + 1 < _firstChunk.Count ? _firstChunk[series + 1] : _chunks.Count;
        return CollectionsMarshal.AsSpan(_chunks)[first..end];
    }

    /// <summary>Ranges of a series whose samples are deleted.</summary>
    public ReadOnlyMemory<TimeInterval> DeletedAt(int series) => _block.Tombstones.Of(_ids[series]);

    /// <summary>Fetches the chunks of all series where they are not mapped; else does nothing.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        if (_loaded is null && _chunks.Count > 0 && !_block.Segment(_chunks[0]).IsMapped)
        {
            _loaded = await LoadedChunks.LoadAsync(_block, _chunks, cancellationToken);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="CorruptBlockException">The chunk is damaged.</exception>
    public ReadOnlySpan<byte> Chunk(long handle, out byte encoding)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (_loaded is not null)
        {
            return _loaded.Chunk((int)handle, out encoding);
        }

        return _block.MappedChunk(_chunks[(int)handle], out encoding);
    }

    /// <summary>Offers the chunks of a series to a merger.</summary>
    public void AddTo(ChunkMerger merger, int series)
    {
        var chunks = ChunksAt(series);
        var first = _firstChunk[series];
        var deleted = DeletedAt(series);
        for (var i = 0; i < chunks.Length; i++)
        {
            merger.Add(this, first + i, chunks[i].MinTime, chunks[i].MaxTime, deleted);
        }
    }

    /// <summary>
    /// Copies all series and chunks into a batch. Deletions are not applied: a batch has no place for them, so it is for blocks without
    /// tombstones.
    /// </summary>
    public void CopyTo(ChunkSeriesBatch batch)
    {
        for (var series = 0; series < Count; series++)
        {
            batch.BeginSeries(LabelsAt(series));
            var chunks = ChunksAt(series);
            for (var i = 0; i < chunks.Length; i++)
            {
                var bytes = Chunk(_firstChunk[series] + i, out var encoding);
                bytes.CopyTo(batch.AddChunk(encoding, chunks[i].MinTime, chunks[i].MaxTime, bytes.Length));
            }
        }
    }

    /// <summary>Lets go of the block and gives the memory back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _labels.Dispose();
            Labels.Dispose();
            _ids.Release();
            _firstChunk.Release();
            _block.Release();
        }
    }

    internal void Add(uint id, ref ByteReader labels, ref ByteReader chunks, long minTime, long maxTime)
    {
        var first = _chunks.Count;
        if (SeriesEntry.Chunks(ref chunks, minTime, maxTime, _chunks) > 0)
        {
            _ids.Add(id);
            _firstChunk.Add(first);
            _labels.Add(ref labels);
        }
    }

    internal void Add(uint id, Labels labels, List<ChunkMeta> chunks)
    {
        _ids.Add(id);
        _firstChunk.Add(_chunks.Count);
        _chunks.AddRange(chunks);
        Labels.Add(labels);
    }

    internal IReadOnlyList<Labels> AllLabels()
    {
        var all = new Labels[Count];
        for (var series = 0; series < all.Length; series++)
        {
            all[series] = LabelsAt(series);
        }

        return all;
    }

    /// <summary>All series are in: what was only needed to take them is given back.</summary>
    internal void Complete() => _labels.Dispose();
}
