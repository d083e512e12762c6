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
/// Encodes native histograms into chunks of encoding 2 (integer counts) or 3 (float counts), bit for bit as Prometheus does, with its rules
/// for when a chunk ends. Not thread-safe; reused through <see cref="Begin"/>.
/// </summary>
public sealed class HistogramChunkWriter
{
    private const int MaxSamples = ushort.MaxValue;

    private readonly BitWriter _writer = new();
    private readonly byte _encoding;
    private HistogramLayout _layout = HistogramLayout.Empty;
    private HistogramBody? _body;
    private FloatHistogram? _last;
    private byte _flag;
    private long _delta;

    /// <summary>A writer of integer or float chunks.</summary>
    public HistogramChunkWriter(byte encoding)
    {
        if (encoding is not (ChunkEncoding.Histogram or ChunkEncoding.FloatHistogram))
        {
            throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "not an encoding that is written");
        }

        _encoding = encoding;
    }

    /// <summary>Number of samples.</summary>
    public int Count { get; private set; }

    /// <summary>Time of the first sample.</summary>
    public long MinTime { get; private set; }

    /// <summary>Time of the newest sample.</summary>
    public long MaxTime { get; private set; }

    /// <summary>The chunk as it stands; valid until the next call that changes it.</summary>
    public ReadOnlySpan<byte> Chunk => _writer.Span;

    /// <summary>
    /// The encoding that holds a histogram without loss: integers where all counts are, floats else. Histograms of both kinds cannot share
    /// a chunk.
    /// </summary>
    public static byte EncodingOf(FloatHistogram histogram)
    {
        var integers = IsInteger(histogram.Count) && IsInteger(histogram.ZeroCount)
            && Array.TrueForAll(histogram.PositiveBuckets, IsInteger) && Array.TrueForAll(histogram.NegativeBuckets, IsInteger);
        return integers ? ChunkEncoding.Histogram : ChunkEncoding.FloatHistogram;
    }

    /// <summary>Starts an empty chunk; <paramref name="afterReset"/> as the last <see cref="Append"/> had it.</summary>
    public void Begin(bool afterReset)
    {
        _flag = afterReset ? HistogramFlags.CounterReset : HistogramFlags.Unknown;
        Count = 0;
        _last = null;
        _delta = 0;
    }

    /// <summary>Adds a sample, newer than the last, or says that it belongs into a new chunk: then begin one and add it again.</summary>
    public HistogramAppendResult Append(long time, FloatHistogram histogram)
    {
        if (Count == 0)
        {
            AppendFirst(time, histogram);
            return HistogramAppendResult.Added;
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, MaxTime);
        if (Count == MaxSamples)
        {
            return HistogramAppendResult.NewChunk;
        }

        if (SpecialValues.IsStaleNaN(histogram.Sum))
        {
            AppendNext(time, histogram);
            return HistogramAppendResult.Added;
        }

        var fit = HistogramFit.Of(_layout, _last!, _flag == HistogramFlags.Gauge, histogram);
        if (fit.Result is HistogramAppendResult.NewChunk or HistogramAppendResult.NewChunkAfterReset)
        {
            return fit.Result;
        }

        if (fit.Layout is not null)
        {
            Recode(fit.Layout);
        }

        AppendNext(time, fit.Histogram);
        return fit.Result;
    }

    private static bool IsInteger(double value) => value is >= 0 and <= 1L << 53 && Math.Truncate(value) == value;

    private void AppendFirst(long time, FloatHistogram histogram)
    {
        var isStale = SpecialValues.IsStaleNaN(histogram.Sum);
        if (histogram.CounterResetHint is CounterResetHint.Gauge or CounterResetHint.CounterReset)
        {
            _flag = HistogramFlags.Of(histogram.CounterResetHint);
        }

        _layout = isStale ? HistogramLayout.Empty : HistogramFit.LayoutOf(histogram);
        Start();
        _writer.VarbitInt(time);
        _body!.WriteFirst(_writer, isStale ? new FloatHistogram { Sum = histogram.Sum } : histogram);
        MinTime = time;
        Appended(time, histogram);
    }

    private void AppendNext(long time, FloatHistogram histogram)
    {
        var delta = time - MaxTime;
        _writer.VarbitInt(delta - _delta);
        _delta = delta;
        _body!.Write(_writer, histogram);
        Appended(time, histogram);
    }

    private void Start()
    {
        _writer.Clear();
        _writer.Bits(0, 16);
        _writer.Bits(_flag, 8);
        _layout.Write(_writer);
        _body = _encoding == ChunkEncoding.Histogram ? new IntegerHistogramBody(_layout) : new FloatHistogramBody(_layout);
        _delta = 0;
        Count = 0;
    }

    private void Appended(long time, FloatHistogram histogram)
    {
        MaxTime = time;
        _last = histogram;
        Count++;
        BinaryPrimitives.WriteUInt16BigEndian(_writer.Span, (ushort)Count);
    }

    // Writes the samples of the chunk anew with more buckets.
    private void Recode(HistogramLayout layout)
    {
        var samples = new SampleBuffer();
        HistogramChunk.Decode(_encoding, _writer.Span, long.MinValue, long.MaxValue, samples);
        _layout = layout;
        Start();
        foreach (ref readonly var sample in samples.Histograms)
        {
            var histogram = HistogramFit.Widen(sample.Histogram, layout);
            if (Count == 0)
            {
                _writer.VarbitInt(sample.Time);
                _body!.WriteFirst(_writer, histogram);
                Appended(sample.Time, histogram);
            }
            else
            {
                AppendNext(sample.Time, histogram);
            }
        }
    }
}
