using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Deucalion.Common.Samples;

/// <summary>
/// The samples of one series as columns, reused from series to series by one reader at a time. Floats and histograms are kept
/// apart, each in strictly increasing time order; stale markers are included (a float of <see cref="SpecialValues.StaleNaN"/>, a
/// histogram whose sum is it).
/// </summary>
public sealed class SampleBuffer
{
    private long[] _times = new long[256];
    private double[] _values = new double[256];
    private long[]? _startTimes;
    private readonly List<HistogramSample> _histograms = [];

    /// <summary>How many float samples fit without new memory.</summary>
    public int Capacity => _times.Length;

    /// <summary>Number of float samples.</summary>
    public int Count { get; private set; }

    /// <summary>Times of the float samples, Unix milliseconds.</summary>
    public ReadOnlySpan<long> Times => _times.AsSpan(0, Count);

    /// <summary>Values of the float samples.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(0, Count);

    /// <summary>Start timestamps of the float samples (0 = unknown), or empty where none is known.</summary>
    public ReadOnlySpan<long> StartTimes => _startTimes is null ? default : _startTimes.AsSpan(0, Count);

    /// <summary>The histogram samples. The histograms belong to the caller; they are never changed after they were added.</summary>
    public ReadOnlySpan<HistogramSample> Histograms => CollectionsMarshal.AsSpan(_histograms);

    /// <summary>Forgets all samples, keeps the memory.</summary>
    public void Clear()
    {
        Count = 0;
        _startTimes = null;
        _histograms.Clear();
    }

    /// <summary>Adds a float sample, newer than the last one.</summary>
    public void Add(long time, double value)
    {
        Debug.Assert(Count == 0 || time > _times[Count - 1], "times increase");
        if (Count == _times.Length)
        {
            Grow(Count + 1);
        }

        _times[Count] = time;
        _values[Count] = value;
        Count++;
    }

    /// <summary>Adds a float sample with its start timestamp.</summary>
    public void Add(long time, double value, long startTime)
    {
        Add(time, value);
        if (startTime != 0 || _startTimes is not null)
        {
            _startTimes ??= new long[_times.Length];
            _startTimes[Count - 1] = startTime;
        }
    }

    /// <summary>Adds a histogram sample, newer than the last one.</summary>
    public void Add(HistogramSample sample) => _histograms.Add(sample);

    /// <summary>
    /// Makes room for <paramref name="count"/> more floats and returns the free tail of both columns for a batch decoder to write into;
    /// <see cref="Advance"/> then publishes what was written.
    /// </summary>
    public void Reserve(int count, out Span<long> times, out Span<double> values)
    {
        if (Count + count > _times.Length)
        {
            Grow(Count + count);
        }

        times = _times.AsSpan(Count);
        values = _values.AsSpan(Count);
    }

    /// <summary>Publishes <paramref name="count"/> floats written through <see cref="Reserve"/>.</summary>
    public void Advance(int count) => Count += count;

    /// <summary>Cuts the floats back to the first <paramref name="count"/>.</summary>
    public void Truncate(int count) => Count = Math.Min(Count, count);

    /// <summary>Puts another histogram in the place of one, at the same time.</summary>
    public void ReplaceHistogram(int index, FloatHistogram histogram) => _histograms[index] = _histograms[index] with { Histogram = histogram };

    /// <summary>Removes the stale markers of both kinds.</summary>
    public void RemoveStale()
    {
        var first = MemoryMarshal.Cast<double, long>(_values.AsSpan(0, Count)).IndexOf(SpecialValues.StaleNaNBits);
        if (first >= 0)
        {
            RemoveStaleFloats(first);
        }

        if (_histograms.Count > 0)
        {
            _histograms.RemoveAll(static sample => SpecialValues.IsStaleNaN(sample.Histogram.Sum));
        }
    }

    private void RemoveStaleFloats(int first)
    {
        var kept = first;
        for (var i = first; i < Count; i++)
        {
            if (SpecialValues.IsStaleNaN(_values[i]))
            {
                continue;
            }

            _times[kept] = _times[i];
            _values[kept] = _values[i];
            if (_startTimes is not null)
            {
                _startTimes[kept] = _startTimes[i];
            }

            kept++;
        }

        Count = kept;
    }

    private void Grow(int needed)
    {
        var size = Math.Max(needed, _times.Length * 2);
        Array.Resize(ref _times, size);
        Array.Resize(ref _values, size);
        if (_startTimes is not null)
        {
            Array.Resize(ref _startTimes, size);
        }
    }
}
