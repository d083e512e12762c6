using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>One series in memory. Reset hints of histograms are given back as a block store gives them: relative to its chunks.</summary>
internal sealed class MemorySeries(Labels labels)
{
    private readonly List<LoadedSample> _samples = [];
    private FloatHistogram? _previous;

    public Labels Labels => labels;

    public void Add(long time, long startTime, double value)
    {
        if (!IsNew(time))
        {
            return;
        }

        // A stale marker ends a series of histograms as a histogram.
        if (SpecialValues.IsStaleNaN(value) && _samples.Count > 0 && _samples[^1].Histogram is not null)
        {
            Add(time, startTime, new FloatHistogram { Sum = SpecialValues.StaleNaN });
            return;
        }

        _samples.Add(new LoadedSample(time, startTime, value, null));
        _previous = null;
    }

    public void Add(long time, long startTime, FloatHistogram histogram)
    {
        if (!IsNew(time))
        {
            return;
        }

        var stale = SpecialValues.IsStaleNaN(histogram.Sum);
        var hint = histogram.CounterResetHint == CounterResetHint.Gauge ? CounterResetHint.Gauge
            : _previous is null || (!stale && StartsChunk(histogram, _previous)) ? CounterResetHint.Unknown
            : CounterResetHint.NotCounterReset;
        _samples.Add(new LoadedSample(time, startTime, 0, histogram.WithHint(hint)));
        _previous = histogram;
    }

    public bool HasSamples(long minTime, long maxTime)
    {
        foreach (var sample in _samples)
        {
            if (sample.Time >= minTime && sample.Time <= maxTime)
            {
                return true;
            }
        }

        return false;
    }

    public void Read(long minTime, long maxTime, SampleBuffer buffer)
    {
        foreach (var sample in _samples)
        {
            if (sample.Time < minTime || sample.Time > maxTime)
            {
                continue;
            }

            if (sample.Histogram is { } histogram)
            {
                buffer.Add(new HistogramSample(sample.Time, sample.StartTime, histogram));
            }
            else
            {
                buffer.Add(sample.Time, sample.Value, sample.StartTime);
            }
        }
    }

    private static bool StartsChunk(FloatHistogram current, FloatHistogram previous)
    {
        if (SpecialValues.IsStaleNaN(previous.Sum) || current.CounterResetHint == CounterResetHint.CounterReset
            || previous.CounterResetHint == CounterResetHint.Gauge)
        {
            return true;
        }

        return current.Schema != previous.Schema
            || current.ZeroThreshold != previous.ZeroThreshold
            || !current.CustomValues.AsSpan().SequenceEqual(previous.CustomValues)
            || HistogramComparison.DetectReset(current.WithHint(CounterResetHint.Unknown), previous);
    }

    private bool IsNew(long time)
    {
        if (_samples.Count == 0 || time > _samples[^1].Time)
        {
            return true;
        }

        return time == _samples[^1].Time ? false : throw new InvalidOperationException("out of order sample");
    }
}
