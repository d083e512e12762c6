using System.Runtime.InteropServices;
using Deucalion.Common.Labels;
using Deucalion.Common.Memory;

namespace Deucalion.Common.Contracts;

/// <summary>One chunk of a series in a <see cref="ChunkSeriesBatch"/>: times inclusive, Unix milliseconds; encoding byte as in the block format.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ChunkEntry(byte Encoding, long MinTime, long MaxTime, int Segment, int Offset, int Length);

/// <summary>
/// Series with their chunks as compressed bytes, copied out of a head: what one select returns and what crosses the network between nodes. All of it
/// lies in flat, pooled columns: there is no object a series, so that the largest answer costs the collector nothing.
/// Chunks of a series are in time order but may overlap (out-of-order data); chunk bytes are complete chunks of the TSDB block format
/// (sample count header included). Written by one thread, then read by many; pooled memory is given back by <see cref="Dispose"/>.
/// </summary>
public sealed class ChunkSeriesBatch : IDisposable
{
    private readonly PooledColumn<ChunkRun> _series = new();
    private readonly PooledColumn<ChunkEntry> _chunks = new();
    private readonly PooledBytes _bytes = new();

    /// <summary>Number of series.</summary>
    public int Count => _series.Count;

    /// <summary>Number of chunks.</summary>
    public int ChunkCount { get; private set; }

    /// <summary>Labels of the series.</summary>
    public LabelSets Labels { get; } = new();

    /// <summary>Labels of a series, made for the call.</summary>
    public Labels.Labels LabelsAt(int series) => Labels.LabelsAt(series);

    /// <summary>Chunks of a series.</summary>
    public ReadOnlySpan<ChunkEntry> ChunksAt(int series)
    {
        ref readonly var run = ref _series[series];
        return run.Length == 0 ? default : _chunks.Run(run.First, run.Length);
    }

    /// <summary>Bytes of a chunk.</summary>
    public ReadOnlySpan<byte> Bytes(in ChunkEntry chunk) => _bytes.At(new BytePlace(chunk.Segment, chunk.Offset), chunk.Length);

    /// <summary>Starts the next series; the chunks added from now on are its.</summary>
    /// <param name="pairs">Numbers of its pairs among those of <see cref="Labels"/>, in order of their names.</param>
    public void BeginSeries(ReadOnlySpan<int> pairs)
    {
        Labels.Add(pairs);
        _series.Add(new ChunkRun(_chunks.BeginRun(1), 0));
    }

    /// <summary>Starts the next series; the chunks added from now on are its.</summary>
    public void BeginSeries(Labels.Labels labels)
    {
        Labels.Add(labels);
        _series.Add(new ChunkRun(_chunks.BeginRun(1), 0));
    }

    /// <summary>Adds a chunk to the series begun last and returns where its <paramref name="length"/> bytes go.</summary>
    public Span<byte> AddChunk(byte encoding, long minTime, long maxTime, int length)
    {
        var place = _bytes.Add(length, out var destination);
        ref var run = ref _series[_series.Count - 1];
        run = new ChunkRun(_chunks.Extend(run.First, run.Length, new ChunkEntry(encoding, minTime, maxTime, place.Segment, place.Offset, length)), run.Length + 1);
        ChunkCount++;
        return destination;
    }

    /// <summary>Gives the pooled memory back.</summary>
    public void Dispose()
    {
        Labels.Dispose();
        _series.Release();
        _chunks.Release();
        _bytes.Release();
    }

    private readonly record struct ChunkRun(int First, int Length);
}
