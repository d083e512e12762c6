using System.Buffers.Binary;
using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Chunks.Bits;
using Deucalion.Storage.Chunks.Histograms;
using Deucalion.Storage.Chunks.Xor;

namespace Deucalion.Storage.Merge;

/// <summary>
/// Encodes the merged samples of a series into chunks for a block: floats in chunks of at most 120 samples, histograms as their own rules
/// and a size limit have it, in order of time and apart from each other. Samples with start timestamps go into the encodings that have them. Reused from
/// series to series by one thread.
/// </summary>
public sealed class SeriesEncoder
{
    private const int MaxFloats = 120;
    private const int MaxHistogramBytes = 1024;
    private const int MinHistograms = 10;

    // A sample takes at most 10 + 17 bytes, and 9 of its start timestamp.
    private const int MaxStartChunk = 8 + (MaxFloats * 36);

    private readonly HistogramChunkWriter?[] _histograms = new HistogramChunkWriter?[ChunkEncoding.FloatHistogramWithStart + 1];
    private readonly Xor2Appender _starts = new();
    private readonly BitWriter _bits = new();
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
        var starts = samples.StartTimes;
        var histograms = samples.Histograms;
        while (!times.IsEmpty || !histograms.IsEmpty)
        {
            var floats = histograms.IsEmpty ? times.Length : CountBefore(times, histograms[0].Time);
            if (starts.IsEmpty || !starts[..floats].ContainsAnyExcept(0))
            {
                EncodeFloats(times[..floats], values[..floats]);
            }
            else
            {
                EncodeFloats(times[..floats], values[..floats], starts[..floats]);
            }

            times = times[floats..];
            values = values[floats..];
            starts = starts.IsEmpty ? starts : starts[floats..];
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

    private void EncodeFloats(ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<long> starts)
    {
        while (!times.IsEmpty)
        {
            var count = Math.Min(times.Length, MaxFloats);
            _starts.Begin();
            _bits.Clear();
            _bits.Bits(0, 16);
            for (var i = 0; i < count; i++)
            {
                if (_starts.NeedsRecode(starts[i]))
                {
                    RecodeStarts(i);
                }

                _starts.Append(times[i], values[i], starts[i], _bits);
            }

            BinaryPrimitives.WriteUInt16BigEndian(_bits.Span, (ushort)count);
            Add(ChunkEncoding.Xor2, times[0], times[count - 1], _bits.Span);
            times = times[count..];
            values = values[count..];
            starts = starts[count..];
        }
    }

    private void RecodeStarts(int count)
    {
        Span<byte> chunk = stackalloc byte[MaxStartChunk];
        var length = _bits.Span.Length;
        _bits.Span.CopyTo(chunk);
        BinaryPrimitives.WriteUInt16BigEndian(chunk, (ushort)count);
        _bits.Clear();
        _bits.Bits(0, 16);
        _starts.Recode(chunk[..length], _bits);
    }

    private void EncodeHistograms(ReadOnlySpan<HistogramSample> samples)
    {
        HistogramChunkWriter? writer = null;
        byte encoding = 0;
        foreach (ref readonly var sample in samples)
        {
            var isStale = SpecialValues.IsStaleNaN(sample.Histogram.Sum);
            var wanted = isStale && writer is not null ? encoding : HistogramChunkWriter.EncodingOf(sample.Histogram, sample.StartTime != 0);
            var isFull = writer is { Count: >= MinHistograms } && writer.Chunk.Length >= MaxHistogramBytes;
            if (writer is null || wanted != encoding || isFull)
            {
                Complete(writer, encoding);
                encoding = wanted;
                writer = _histograms[encoding] ??= new HistogramChunkWriter(encoding);
                writer.Begin(false);
            }

            var result = writer.Append(sample.Time, sample.Histogram, sample.StartTime);
            if (result is HistogramAppendResult.NewChunk or HistogramAppendResult.NewChunkAfterReset)
            {
                Complete(writer, encoding);
                writer.Begin(result == HistogramAppendResult.NewChunkAfterReset);
                writer.Append(sample.Time, sample.Histogram, sample.StartTime);
            }
        }

        Complete(writer, encoding);
    }

    private void Complete(HistogramChunkWriter? writer, byte encoding)
    {
        if (writer is { Count: > 0 })
        {
            Add(encoding, writer.MinTime, writer.MaxTime, writer.Chunk);
        }
    }

    private void Add(byte encoding, long minTime, long maxTime, ReadOnlySpan<byte> chunk)
    {
        chunk.CopyTo(Room(chunk.Length));
        Take(encoding, minTime, maxTime, chunk.Length);
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
