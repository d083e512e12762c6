using System.Buffers;
using System.Runtime.InteropServices;
using Deucalion.Common.Samples;

namespace Deucalion.Common.Contracts;

/// <summary>Where a series of a <see cref="WriteBatch"/> keeps its parts: ranges in the batch's columns.</summary>
public readonly record struct WriteSeries(int FirstLabel, int LabelCount, int FirstSample, int SampleCount)
{
    /// <summary>Its first entry in <see cref="WriteBatch.Histograms"/>.</summary>
    public int FirstHistogram { get; init; }

    /// <summary>Number of its histograms.</summary>
    public int HistogramCount { get; init; }

    /// <summary>Its first entry in <see cref="WriteBatch.Exemplars"/>.</summary>
    public int FirstExemplar { get; init; }

    /// <summary>Number of its exemplars.</summary>
    public int ExemplarCount { get; init; }
}

/// <summary>One histogram sample: times in Unix milliseconds (start 0 = unknown), and the range of its <see cref="Samples.HistogramBytes"/> in the batch.</summary>
public readonly record struct WriteHistogram(long Time, long StartTime, int Offset, int Length);

/// <summary>One exemplar: time in Unix milliseconds, value, and its labels among <see cref="WriteBatch.ExemplarLabels"/>, in order of their names.</summary>
public readonly record struct WriteExemplar(long Time, double Value, int FirstLabel, int LabelCount);

/// <summary>One label: ranges of UTF-8 bytes in the batch's text.</summary>
public readonly record struct WriteLabel(int NameOffset, int NameLength, int ValueOffset, int ValueLength);

/// <summary>Metadata of one family: ranges of UTF-8 bytes in the batch's text; type as in remote write.</summary>
public readonly record struct WriteMetadata(int Type, int FamilyOffset, int FamilyLength, int HelpOffset, int HelpLength, int UnitOffset, int UnitLength);

/// <summary>
/// A write request as columns: what the decoders fill and the distributor routes. Text is either the caller's buffer (zero copy) or bytes
/// added with <see cref="AddText"/>. Reused through <see cref="Reset()"/>; not thread-safe.
/// </summary>
public sealed class WriteBatch : IDisposable
{
    private WriteSeries[] _series = new WriteSeries[512];
    private WriteLabel[] _labels = new WriteLabel[4096];
    private int _seriesCount;
    private int _labelCount;
    private readonly List<WriteMetadata> _metadata = [];
    private long[] _times = new long[2048];
    private double[] _values = new double[2048];
    private long[] _startTimes = [];
    private bool _hasStartTimes;
    private readonly List<WriteHistogram> _histograms = [];
    private readonly List<WriteExemplar> _exemplars = [];
    private readonly List<WriteLabel> _exemplarLabels = [];
    private readonly ArrayBufferWriter<byte> _histogramBytes = new();
    private byte[] _text = [];
    private bool _ownsText;
    private int _textLength;

    /// <summary>The series, in order of the request.</summary>
    public ReadOnlySpan<WriteSeries> Series => _series.AsSpan(0, _seriesCount);

    /// <summary>Labels of all series. The distributor sorts those of each series in place.</summary>
    public Span<WriteLabel> Labels => _labels.AsSpan(0, _labelCount);

    /// <summary>Metadata entries.</summary>
    public ReadOnlySpan<WriteMetadata> Metadata => CollectionsMarshal.AsSpan(_metadata);

    /// <summary>Sample times of all series, Unix milliseconds.</summary>
    public ReadOnlySpan<long> Times => _times.AsSpan(0, SampleCount);

    /// <summary>Sample values of all series.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(0, SampleCount);

    /// <summary>Start timestamps of the same samples (0 = unknown), or empty where none is known.</summary>
    public ReadOnlySpan<long> StartTimes => _hasStartTimes ? _startTimes.AsSpan(0, SampleCount) : default;

    /// <summary>Number of float samples.</summary>
    public int SampleCount { get; private set; }

    /// <summary>Histogram samples of all series.</summary>
    public ReadOnlySpan<WriteHistogram> Histograms => CollectionsMarshal.AsSpan(_histograms);

    /// <summary>Exemplars of all series.</summary>
    public ReadOnlySpan<WriteExemplar> Exemplars => CollectionsMarshal.AsSpan(_exemplars);

    /// <summary>Labels of all exemplars. Those of each exemplar may be sorted in place.</summary>
    public Span<WriteLabel> ExemplarLabels => CollectionsMarshal.AsSpan(_exemplarLabels);

    /// <summary>A histogram as <see cref="Samples.HistogramBytes"/> has it.</summary>
    public ReadOnlySpan<byte> HistogramBytes(in WriteHistogram histogram) => _histogramBytes.WrittenSpan.Slice(histogram.Offset, histogram.Length);

    /// <summary>The bytes that label and metadata ranges refer to.</summary>
    public ReadOnlySpan<byte> Text => _text.AsSpan(0, _textLength);

    /// <summary>Empties the batch and lets it refer to a buffer of the caller, which must stay unchanged while the batch is in use.</summary>
    public void Reset(byte[] text, int length)
    {
        Clear();
        ReleaseText();
        _text = text;
        _textLength = length;
        _ownsText = false;
    }

    /// <summary>Empties the batch; text will be added with <see cref="AddText"/>.</summary>
    public void Reset()
    {
        Clear();
        if (!_ownsText)
        {
            _text = ArrayPool<byte>.Shared.Rent(4096);
            _ownsText = true;
        }

        _textLength = 0;
    }

    /// <summary>Adds bytes to a batch that owns its text; returns their offset.</summary>
    public int AddText(ReadOnlySpan<byte> bytes)
    {
        if (!_ownsText)
        {
            throw new InvalidOperationException("the batch refers to its caller's text");
        }

        if (_textLength + bytes.Length > _text.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_text.Length * 2, _textLength + bytes.Length));
            _text.AsSpan(0, _textLength).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_text);
            _text = larger;
        }

        bytes.CopyTo(_text.AsSpan(_textLength));
        _textLength += bytes.Length;
        return _textLength - bytes.Length;
    }

    /// <summary>Starts the next series: labels and samples added from now on are its.</summary>
    public void BeginSeries()
    {
        if (_seriesCount == _series.Length)
        {
            Array.Resize(ref _series, _series.Length * 2);
        }

        _series[_seriesCount++] = new WriteSeries(_labelCount, 0, SampleCount, 0) { FirstHistogram = _histograms.Count, FirstExemplar = _exemplars.Count };
    }

    /// <summary>Adds a label to the series begun last.</summary>
    public void AddLabel(WriteLabel label)
    {
        if (_labelCount == _labels.Length)
        {
            Array.Resize(ref _labels, _labels.Length * 2);
        }

        _labels[_labelCount++] = label;
        ref var series = ref _series[_seriesCount - 1];
        series = series with { LabelCount = series.LabelCount + 1 };
    }

    /// <summary>Cuts a series' labels back to the first <paramref name="count"/>, after its empty ones were moved behind them.</summary>
    public void TruncateLabels(int series, int count)
    {
        ref var entry = ref _series.AsSpan(0, _seriesCount)[series];
        entry = entry with { LabelCount = Math.Min(entry.LabelCount, count) };
    }

    /// <summary>Adds a sample to the series begun last.</summary>
    public void AddSample(long time, double value) => AddSample(time, value, 0);

    /// <summary>Adds a sample with its start timestamp (0 = unknown) to the series begun last.</summary>
    public void AddSample(long time, double value, long startTime)
    {
        if (SampleCount == _times.Length)
        {
            Array.Resize(ref _times, _times.Length * 2);
            Array.Resize(ref _values, _values.Length * 2);
        }

        _times[SampleCount] = time;
        _values[SampleCount] = value;
        if (startTime != 0 || _hasStartTimes)
        {
            AddStartTime(startTime);
        }

        SampleCount++;
        ref var series = ref _series[_seriesCount - 1];
        series = series with { SampleCount = series.SampleCount + 1 };
    }

    /// <summary>Adds a histogram sample to the series begun last; the histogram is copied. Start 0 = unknown.</summary>
    public void AddHistogram(long time, long startTime, FloatHistogram histogram)
    {
        var offset = _histogramBytes.WrittenCount;
        Samples.HistogramBytes.Write(histogram, _histogramBytes);
        CountHistogram(time, startTime, offset);
    }

    /// <summary>Adds a histogram sample to the series begun last, given as <see cref="Samples.HistogramBytes"/> has it. Start 0 = unknown.</summary>
    public void AddHistogram(long time, long startTime, ReadOnlySpan<byte> histogram)
    {
        var offset = _histogramBytes.WrittenCount;
        _histogramBytes.Write(histogram);
        CountHistogram(time, startTime, offset);
    }

    /// <summary>Adds an exemplar to the series begun last; its labels follow by <see cref="AddExemplarLabel"/>.</summary>
    public void AddExemplar(long time, double value)
    {
        _exemplars.Add(new WriteExemplar(time, value, _exemplarLabels.Count, 0));
        ref var series = ref _series[_seriesCount - 1];
        series = series with { ExemplarCount = series.ExemplarCount + 1 };
    }

    /// <summary>Adds a label to the exemplar added last.</summary>
    public void AddExemplarLabel(WriteLabel label)
    {
        _exemplarLabels.Add(label);
        ref var exemplar = ref CollectionsMarshal.AsSpan(_exemplars)[^1];
        exemplar = exemplar with { LabelCount = exemplar.LabelCount + 1 };
    }

    /// <summary>Sets time and value of the exemplar added last, where they become known behind its labels.</summary>
    public void SetExemplar(long time, double value)
    {
        ref var exemplar = ref CollectionsMarshal.AsSpan(_exemplars)[^1];
        exemplar = exemplar with { Time = time, Value = value };
    }

    /// <summary>Adds metadata.</summary>
    public void AddMetadata(WriteMetadata metadata) => _metadata.Add(metadata);

    /// <summary>Gives pooled memory back.</summary>
    public void Dispose()
    {
        Clear();
        ReleaseText();
    }

    private void CountHistogram(long time, long startTime, int offset)
    {
        _histograms.Add(new WriteHistogram(time, startTime, offset, _histogramBytes.WrittenCount - offset));
        ref var series = ref _series[_seriesCount - 1];
        series = series with { HistogramCount = series.HistogramCount + 1 };
    }

    private void AddStartTime(long startTime)
    {
        if (_startTimes.Length < _times.Length)
        {
            Array.Resize(ref _startTimes, _times.Length);
        }

        if (!_hasStartTimes)
        {
            _startTimes.AsSpan(0, SampleCount).Clear();
            _hasStartTimes = true;
        }

        _startTimes[SampleCount] = startTime;
    }

    private void Clear()
    {
        _seriesCount = 0;
        _labelCount = 0;
        _metadata.Clear();
        _histograms.Clear();
        _histogramBytes.ResetWrittenCount();
        _exemplars.Clear();
        _exemplarLabels.Clear();
        _hasStartTimes = false;
        SampleCount = 0;
    }

    private void ReleaseText()
    {
        if (_ownsText)
        {
            ArrayPool<byte>.Shared.Return(_text);
        }

        _text = [];
        _textLength = 0;
        _ownsText = false;
    }
}
