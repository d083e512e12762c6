using System.Buffers;
using System.Runtime.InteropServices;

namespace Deucalion.Common.Contracts;

/// <summary>Where a series of a <see cref="WriteBatch"/> keeps its parts: ranges in the batch's columns.</summary>
public readonly record struct WriteSeries(int FirstLabel, int LabelCount, int FirstSample, int SampleCount);

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

    /// <summary>Number of samples.</summary>
    public int SampleCount { get; private set; }

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

        _series[_seriesCount++] = new WriteSeries(_labelCount, 0, SampleCount, 0);
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
    public void AddSample(long time, double value)
    {
        if (SampleCount == _times.Length)
        {
            Array.Resize(ref _times, _times.Length * 2);
            Array.Resize(ref _values, _values.Length * 2);
        }

        _times[SampleCount] = time;
        _values[SampleCount] = value;
        SampleCount++;
        ref var series = ref _series[_seriesCount - 1];
        series = series with { SampleCount = series.SampleCount + 1 };
    }

    /// <summary>Adds metadata.</summary>
    public void AddMetadata(WriteMetadata metadata) => _metadata.Add(metadata);

    /// <summary>Gives pooled memory back.</summary>
    public void Dispose()
    {
        Clear();
        ReleaseText();
    }

    private void Clear()
    {
        _seriesCount = 0;
        _labelCount = 0;
        _metadata.Clear();
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
