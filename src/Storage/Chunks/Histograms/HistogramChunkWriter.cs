using System.Buffers.Binary;
using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks.Bits;

namespace Deucalion.Storage.Chunks.Histograms;

/// <summary>What became of a histogram offered to a <see cref="HistogramChunkWriter"/>.</summary>
public enum HistogramAppendResult
{
    /// <summary>It was added.</summary>
    Added = 0,

    /// <summary>It was added; the chunk was written anew for its buckets, so none of its earlier bytes hold.</summary>
    Recoded = 1,

    /// <summary>It begins a new chunk: the layout changed, or the chunk is full.</summary>
    NewChunk = 2,

    /// <summary>It begins a new chunk, since a counter was reset.</summary>
    NewChunkAfterReset = 3,
}

/// <summary>
/// Encodes native histograms into whole chunks (encodings 2, 3, 5 and 6), bit for bit as Prometheus does, with its rules for when a chunk ends. Not
/// thread-safe; reused through <see cref="Begin"/>.
/// </summary>
public sealed class HistogramChunkWriter
{
    private const int CountBits = 16;

    private readonly BitWriter _writer = new();
    private readonly HistogramAppender _appender;
    private readonly int _maxSamples;
    private byte[] _recoded = [];

    /// <summary>A writer of chunks of an encoding.</summary>
    public HistogramChunkWriter(byte encoding)
    {
        _appender = new HistogramAppender(encoding);
        _maxSamples = HasStarts ? HistogramAppender.MaxSamplesWithStart : ushort.MaxValue;
    }

    /// <summary>Number of samples.</summary>
    public int Count => _appender.Count;

    /// <summary>Time of the first sample.</summary>
    public long MinTime => _appender.MinTime;

    /// <summary>Time of the newest sample.</summary>
    public long MaxTime => _appender.MaxTime;

    /// <summary>The chunk as it stands; valid until the next call that changes it.</summary>
    public ReadOnlySpan<byte> Chunk => _writer.Span;

    private bool HasStarts => _appender.Encoding is ChunkEncoding.HistogramWithStart or ChunkEncoding.FloatHistogramWithStart;

    /// <summary>The encoding that holds a histogram: integer and float counts cannot share a chunk, and start timestamps have encodings of their own.</summary>
    public static byte EncodingOf(FloatHistogram histogram, bool withStart) => HistogramAppender.EncodingOf(histogram, withStart);

    /// <summary>Starts an empty chunk; <paramref name="afterReset"/> as the last <see cref="Append(long, FloatHistogram, long)"/> had it.</summary>
    public void Begin(bool afterReset) => _appender.Begin(afterReset);

    /// <summary>Adds a sample, newer than the last, or says that it belongs into a new chunk: then begin one and add it again.</summary>
    public HistogramAppendResult Append(long time, FloatHistogram histogram, long startTime = 0)
    {
        if (Count == 0)
        {
            Clear();
            _appender.AppendFirst(time, startTime, histogram, _writer);
            WriteCount();
            return HistogramAppendResult.Added;
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, MaxTime);
        if (Count == _maxSamples)
        {
            return HistogramAppendResult.NewChunk;
        }

        var fit = _appender.Fit(histogram);
        if (fit.Result is HistogramAppendResult.NewChunk or HistogramAppendResult.NewChunkAfterReset)
        {
            return fit.Result;
        }

        var recode = _appender.NeedsRecode(fit, startTime);
        if (recode)
        {
            Recode(fit, startTime);
        }

        _appender.AppendNext(time, startTime, fit.Histogram, _writer);
        WriteCount();
        return recode ? HistogramAppendResult.Recoded : HistogramAppendResult.Added;
    }

    private void Clear()
    {
        _writer.Clear();
        _writer.Bits(0, CountBits);
    }

    private void Recode(in HistogramFit fit, long startTime)
    {
        var length = _writer.Span.Length;
        if (_recoded.Length < length)
        {
            _recoded = new byte[length * 2];
        }

        _writer.Span.CopyTo(_recoded);
        Clear();
        _appender.Recode(_recoded.AsSpan(0, length), fit, startTime, _writer);
    }

    private void WriteCount() => BinaryPrimitives.WriteUInt16BigEndian(_writer.Span, (ushort)(HasStarts ? (_appender.Flag << 8) | Count : Count));
}
