using Deucalion.Common.Samples;
using Deucalion.Storage.Merge;

namespace Deucalion.Storage.Tools.Prometheus;

/// <summary>Samples of a series that are not encoded yet, in the order they came. Of two at one time the first counts, as in Prometheus.</summary>
internal sealed class SampleRun
{
    private const int MaxFloats = 60;

    // Histograms are some hundred bytes each until they are encoded.
    private const int MaxHistograms = 16;
    private const int FirstSize = 4;

    private readonly List<HistogramSample> _histograms = [];
    private (long Time, double Value, long StartTime)[] _floats = [];
    private int _count;

    public bool IsFull => _count >= MaxFloats || _histograms.Count >= MaxHistograms;

    public void Add(long time, double value, long startTime)
    {
        if (_count == _floats.Length)
        {
            Array.Resize(ref _floats, Math.Clamp(_count * 2, FirstSize, MaxFloats));
        }

        _floats[_count++] = (time, value, startTime);
    }

    public void Add(in HistogramSample sample) => _histograms.Add(sample);

    /// <summary>Encodes the samples as chunks and forgets them; late ones are put in order first.</summary>
    public void MoveTo(List<HeadChunk> chunks, bool isLate, SampleBuffer buffer, SeriesEncoder encoder)
    {
        buffer.Clear();
        if (isLate)
        {
            Sort();
        }

        for (var i = 0; i < _count; i++)
        {
            buffer.Add(_floats[i].Time, _floats[i].Value, _floats[i].StartTime);
        }

        foreach (var sample in _histograms)
        {
            buffer.Add(sample);
        }

        encoder.Encode(buffer);
        for (var i = 0; i < encoder.Count; i++)
        {
            var chunk = encoder.ChunkAt(i);
            chunks.Add(new HeadChunk(chunk.Encoding, chunk.MinTime, chunk.MaxTime, isLate, chunk.Data.ToArray()));
        }

        _count = 0;
        _histograms.Clear();
    }

    private void Sort()
    {
        var floats = _floats.Take(_count).OrderBy(static f => f.Time).ToArray();
        _count = 0;
        foreach (var sample in floats)
        {
            if (_count == 0 || sample.Time != _floats[_count - 1].Time)
            {
                _floats[_count++] = sample;
            }
        }

        var histograms = _histograms.OrderBy(static h => h.Time).ToArray();
        _histograms.Clear();
        foreach (var sample in histograms)
        {
            var isDouble = (_histograms.Count > 0 && sample.Time == _histograms[^1].Time) || Array.BinarySearch(Times(), sample.Time) >= 0;
            if (!isDouble)
            {
                _histograms.Add(sample);
            }
        }
    }

    private long[] Times() => [.. _floats.Take(_count).Select(static f => f.Time)];
}
