using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks.Bits;

namespace Deucalion.Storage.Chunks.Histograms;

/// <summary>
/// Appends native histograms to a chunk whose bytes lie elsewhere (encodings 2, 3, 5 and 6), bit for bit as Prometheus does and with its rules for
/// when a chunk ends. It writes what stands behind the sample count: the caller keeps count, and the flag where it shares its bytes. Not thread-safe.
/// </summary>
internal sealed class HistogramAppender
{
    /// <summary>Most samples of a chunk with start timestamps: as far as its header can tell where they change.</summary>
    public const int MaxSamplesWithStart = 127;

    private readonly bool _hasStarts;
    private readonly bool _isFloat;
    private HistogramLayout _layout = HistogramLayout.Empty;
    private HistogramBody? _body;
    private readonly FloatHistogram _last = new();
    private StartTimeWriter _starts;
    private long _delta;

    public HistogramAppender(byte encoding)
    {
        if (!ChunkEncoding.IsHistogram(encoding))
        {
            throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "not an encoding of histograms");
        }

        Encoding = encoding;
        _hasStarts = encoding is ChunkEncoding.HistogramWithStart or ChunkEncoding.FloatHistogramWithStart;
        _isFloat = encoding is ChunkEncoding.FloatHistogram or ChunkEncoding.FloatHistogramWithStart;
    }

    /// <summary>Encoding of the chunk.</summary>
    public byte Encoding { get; }

    /// <summary>The header's counter reset flag, in its upper two bits.</summary>
    public byte Flag { get; private set; }

    /// <summary>Number of samples.</summary>
    public int Count { get; private set; }

    /// <summary>Time of the first sample.</summary>
    public long MinTime { get; private set; }

    /// <summary>Time of the newest sample.</summary>
    public long MaxTime { get; private set; }

    /// <summary>The encoding of a histogram.</summary>
    public static byte EncodingOf(FloatHistogram histogram, bool withStart) => histogram.IsInteger
        ? withStart ? ChunkEncoding.HistogramWithStart : ChunkEncoding.Histogram
        : withStart ? ChunkEncoding.FloatHistogramWithStart : ChunkEncoding.FloatHistogram;

    /// <summary>An appender that stands at the end of a chunk.</summary>
    /// <exception cref="CorruptChunkException">The chunk is damaged.</exception>
    public static HistogramAppender Resume(byte encoding, ReadOnlySpan<byte> chunk)
    {
        var appender = new HistogramAppender(encoding);
        var firstChanged = appender._hasStarts ? chunk[2] & 0x7f : 0;
        appender.Flag = (byte)(appender._hasStarts ? chunk[0] & HistogramFlags.Mask : chunk[2]);
        appender.WriteAnew(chunk, null, firstChanged, new BitWriter());
        return appender;
    }

    /// <summary>Starts an empty chunk; <paramref name="afterReset"/> as the last <see cref="Fit"/> had it.</summary>
    public void Begin(bool afterReset)
    {
        Flag = afterReset ? HistogramFlags.CounterReset : HistogramFlags.Unknown;
        Count = 0;
    }

    /// <summary>How a histogram fits behind the last sample.</summary>
    public HistogramFit Fit(FloatHistogram histogram) =>
        SpecialValues.IsStaleNaN(histogram.Sum)
            ? new HistogramFit(HistogramAppendResult.Added, histogram, null)
            : HistogramFit.Of(_layout, _last, Flag == HistogramFlags.Gauge, histogram);

    /// <summary>Whether the chunk must be written anew, by <see cref="Recode"/>, before a sample that fits with a start timestamp is appended.</summary>
    public bool NeedsRecode(in HistogramFit fit, long startTime) => fit.Layout is not null || (_hasStarts && _starts.ChangesHeader(startTime));

    /// <summary>Writes header and first sample of the chunk that was begun.</summary>
    public void AppendFirst(long time, long startTime, FloatHistogram histogram, BitWriter output)
    {
        var isStale = SpecialValues.IsStaleNaN(histogram.Sum);
        if (histogram.CounterResetHint is CounterResetHint.Gauge or CounterResetHint.CounterReset)
        {
            Flag = HistogramFlags.Of(histogram.CounterResetHint);
        }

        _layout = isStale ? HistogramLayout.Empty : HistogramFit.LayoutOf(histogram);
        Start(time, startTime, 0, isStale ? new FloatHistogram { Sum = histogram.Sum } : histogram, output);
    }

    /// <summary>Writes a sample, newer than the last, that fits: as <see cref="HistogramFit.Histogram"/> has it.</summary>
    public void AppendNext(long time, long startTime, FloatHistogram histogram, BitWriter output)
    {
        var delta = time - MaxTime;
        output.VarbitInt(delta - _delta);
        _delta = delta;
        _body!.Write(output, histogram);
        if (_hasStarts)
        {
            _starts.Write(output, Count, time, MaxTime, startTime);
        }

        Appended(time, histogram);
    }

    /// <summary>Writes the chunk (as it is, with its sample count) anew for the next sample: its layout, and its start timestamp.</summary>
    public void Recode(ReadOnlySpan<byte> chunk, in HistogramFit fit, long startTime, BitWriter output) =>
        WriteAnew(chunk, fit.Layout, _hasStarts && _starts.ChangesHeader(startTime) ? Count : _starts.FirstChanged, output);

    private void WriteAnew(ReadOnlySpan<byte> chunk, HistogramLayout? layout, int firstChanged, BitWriter output)
    {
        var samples = new SampleBuffer();
        HistogramChunk.Decode(Encoding, chunk, long.MinValue, long.MaxValue, samples);
        _layout = layout
            ?? (SpecialValues.IsStaleNaN(samples.Histograms[0].Histogram.Sum) ? HistogramLayout.Empty : HistogramFit.LayoutOf(samples.Histograms[0].Histogram));
        Count = 0;
        foreach (ref readonly var sample in samples.Histograms)
        {
            var histogram = HistogramFit.Widen(sample.Histogram, _layout);
            if (Count == 0)
            {
                Start(sample.Time, sample.StartTime, firstChanged, histogram, output);
            }
            else
            {
                AppendNext(sample.Time, sample.StartTime, histogram, output);
            }
        }
    }

    private void Start(long time, long startTime, int firstChanged, FloatHistogram histogram, BitWriter output)
    {
        _starts.Begin(startTime, firstChanged);
        output.Bits(_hasStarts ? _starts.Header : Flag, 8);
        _layout.Write(output);
        _body = _isFloat ? new FloatHistogramBody(_layout) : new IntegerHistogramBody(_layout);
        _delta = 0;
        Count = 0;
        MinTime = time;
        output.VarbitInt(time);
        _body.WriteFirst(output, histogram);
        if (_hasStarts)
        {
            _starts.Write(output, 0, time, 0, startTime);
        }

        Appended(time, histogram);
    }

    // The caller may reuse the histogram.
    private void Appended(long time, FloatHistogram histogram)
    {
        MaxTime = time;
        Count++;
        _last.Sum = histogram.Sum;
        _last.Count = histogram.Count;
        _last.ZeroCount = histogram.ZeroCount;
        _last.PositiveBuckets = Copy(histogram.PositiveBuckets, _last.PositiveBuckets);
        _last.NegativeBuckets = Copy(histogram.NegativeBuckets, _last.NegativeBuckets);
    }

    private static double[] Copy(double[] source, double[] into)
    {
        if (into.Length != source.Length)
        {
            return [.. source];
        }

        source.CopyTo(into, 0);
        return into;
    }
}
