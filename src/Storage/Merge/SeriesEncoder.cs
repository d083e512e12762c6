using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Chunks.Histograms;
using Deucalion.Storage.Chunks.Xor;

namespace Deucalion.Storage.Merge;

/// <summary>
/// Encodes the merged samples of a series into chunks for a block: floats in chunks of at most 120 samples, histograms as their own rules
/// and a size limit have it, in order of time and apart from each other. Start timestamps are not kept. Reused from series to series by one
/// thread.
/// </summary>
public sealed class SeriesEncoder
{
    private const int MaxFloats = 120;
    private const int MaxHistogramBytes = 1024;
    private const int MinHistograms = 10;

    private readonly HistogramChunkWriter _integers = new(ChunkEncoding.Histogram);
    private readonly HistogramChunkWriter _floats = new(ChunkEncoding.FloatHistogram);
    private readonly List<(byte Encoding, long MinTime, long MaxTime, int Offset, int Length)> _chunks = [];
    private byte[] _bytes = new byte[1 << 14];
    private int _used;

    /// <summary>Number of chunks of the last series.</summary>
    public int Count => _chunks.Count;

    /// <summary>A chunk of the last series.</summary>
    public BlockChunk ChunkAt(int index)
    {
        var (encoding, minTime, maxTime, offset, length) = _chunks[index];
        return new BlockChunk(encoding, minTime, maxTime, _bytes.AsSpan(offset, length));
    }

    /// <summary>Encodes a series. A time may be that of a float or of a histogram, not of both.</summary>
    public void Encode(SampleBuffer samples)
    {
        _chunks.Clear();
        _used = 0;
        var times = samples.Times;
        var values = samples.Values;
        var histograms = samples.Histograms;
        while (!times.IsEmpty || !histograms.IsEmpty)
        {
            var floats = histograms.IsEmpty ? times.Length : CountBefore(times, histograms[0].Time);
            EncodeFloats(times[..floats], values[..floats]);
            times = times[floats..];
            values = values[floats..];
            var count = times.IsEmpty ? histograms.Length : CountBefore(histograms, times[0]);
            EncodeHistograms(histograms[..count]);
            histograms = histograms[count..];
            if (floats == 0 && count == 0)
            {
                throw new InvalidOperationException("a float and a histogram have the same time");
            }
        }
    }

    private static int CountBefore(ReadOnlySpan<long> times, long time)
    {
        var at = times.BinarySearch(time);
        return at < 0 ? ~at : at;
    }

    private static int CountBefore(ReadOnlySpan<HistogramSample> histograms, long time)
    {
        var count = 0;
        while (count < histograms.Length && histograms[count].Time < time)
        {
            count++;
        }

        return count;
    }

    private void EncodeFloats(ReadOnlySpan<long> times, ReadOnlySpan<double> values)
    {
        while (!times.IsEmpty)
        {
            var count = Math.Min(times.Length, MaxFloats);
            var room = Room((count * XorAppender.MaxSampleSize) + XorAppender.HeaderSize);
            var appender = default(XorAppender);
            for (var i = 0; i < count; i++)
            {
                appender.TryAppend(room, times[i], values[i]);
            }

            Take(ChunkEncoding.Xor, times[0], times[count - 1], appender.Length);
            times = times[count..];
            values = values[count..];
        }
    }

    private void EncodeHistograms(ReadOnlySpan<HistogramSample> samples)
    {
        HistogramChunkWriter? writer = null;
        byte encoding = 0;
        foreach (ref readonly var sample in samples)
        {
            var isStale = SpecialValues.IsStaleNaN(sample.Histogram.Sum);
            var wanted = isStale && writer is not null ? encoding : HistogramChunkWriter.EncodingOf(sample.Histogram);
            var isFull = writer is { Count: >= MinHistograms } && writer.Chunk.Length >= MaxHistogramBytes;
            if (writer is null || wanted != encoding || isFull)
            {
                Complete(writer, encoding);
                encoding = wanted;
                writer = encoding == ChunkEncoding.Histogram ? _integers : _floats;
                writer.Begin(false);
            }

            var result = writer.Append(sample.Time, sample.Histogram);
            if (result is HistogramAppendResult.NewChunk or HistogramAppendResult.NewChunkAfterReset)
            {
                Complete(writer, encoding);
                writer.Begin(result == HistogramAppendResult.NewChunkAfterReset);
                writer.Append(sample.Time, sample.Histogram);
            }
        }

        Complete(writer, encoding);
    }

    private void Complete(HistogramChunkWriter? writer, byte encoding)
    {
        if (writer is { Count: > 0 })
        {
            writer.Chunk.CopyTo(Room(writer.Chunk.Length));
            Take(encoding, writer.MinTime, writer.MaxTime, writer.Chunk.Length);
        }
    }

    private Span<byte> Room(int size)
    {
        if (_bytes.Length - _used < size)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + size));
        }

        return _bytes.AsSpan(_used);
    }

    private void Take(byte encoding, long minTime, long maxTime, int length)
    {
        _chunks.Add((encoding, minTime, maxTime, _used, length));
        _used += length;
    }
}
