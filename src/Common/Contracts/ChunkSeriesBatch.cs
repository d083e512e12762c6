using System.Buffers;

namespace Deucalion.Common.Contracts;

/// <summary>One chunk of a series in a <see cref="ChunkSeriesBatch"/>: times inclusive, Unix milliseconds; encoding byte as in the block format.</summary>
public readonly record struct ChunkEntry(byte Encoding, long MinTime, long MaxTime, int Segment, int Offset, int Length);

/// <summary>
/// Series with their chunks as compressed bytes, copied out of a head: what one select returns and what crosses the network between nodes.
/// Chunks of a series are in time order but may overlap (out-of-order data); chunk bytes are complete chunks of the TSDB block format
/// (sample count header included). Written by one thread, then read by many; pooled memory is given back by <see cref="Dispose"/>.
/// </summary>
public sealed class ChunkSeriesBatch : IDisposable
{
    private const int SegmentSize = 1 << 20;

    private readonly PooledColumn<Labels.Labels> _labels = new();
    private readonly PooledColumn<int> _firstChunk = new();
    private readonly PooledColumn<ChunkEntry> _chunks = new();
    private readonly List<byte[]> _segments = [];
    private int _used = SegmentSize;

    /// <summary>Number of series.</summary>
    public int Count => _labels.Count;

    /// <summary>Number of chunks.</summary>
    public int ChunkCount => _chunks.Count;

    /// <summary>Labels of a series.</summary>
    public Labels.Labels LabelsAt(int series) => _labels.Span[series];

    /// <summary>Chunks of a series.</summary>
    public ReadOnlySpan<ChunkEntry> ChunksAt(int series)
    {
        var firsts = _firstChunk.Span;
        var end = series + 1 < firsts.Length ? firsts[series + 1] : _chunks.Count;
        return _chunks.Span[firsts[series]..end];
    }

    /// <summary>Bytes of a chunk.</summary>
    public ReadOnlySpan<byte> Bytes(in ChunkEntry chunk) => _segments[chunk.Segment].AsSpan(chunk.Offset, chunk.Length);

    /// <summary>Starts the next series; the chunks added from now on are its.</summary>
    public void BeginSeries(Labels.Labels labels)
    {
        _labels.Add(labels);
        _firstChunk.Add(_chunks.Count);
    }

    /// <summary>Adds a chunk to the series begun last and returns where its <paramref name="length"/> bytes go.</summary>
    public Span<byte> AddChunk(byte encoding, long minTime, long maxTime, int length)
    {
        if (_segments.Count == 0 || _used + length > _segments[^1].Length)
        {
            _segments.Add(ArrayPool<byte>.Shared.Rent(Math.Max(SegmentSize, length)));
            _used = 0;
        }

        _chunks.Add(new ChunkEntry(encoding, minTime, maxTime, _segments.Count - 1, _used, length));
        var destination = _segments[^1].AsSpan(_used, length);
        _used += length;
        return destination;
    }

    /// <summary>Gives the pooled memory back.</summary>
    public void Dispose()
    {
        foreach (var segment in _segments)
        {
            ArrayPool<byte>.Shared.Return(segment);
        }

        _segments.Clear();
        _chunks.Release();
        _labels.Release();
        _firstChunk.Release();
    }
}
