using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Functions.Ranges;
using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Rates;

/// <summary>rate, increase and delta of one series that has histograms or start timestamps.</summary>
internal readonly ref struct MixedRate
{
    private readonly RateKind _kind;
    private readonly bool _starts;
    private readonly ReadOnlySpan<long> _times;
    private readonly ReadOnlySpan<double> _values;
    private readonly ReadOnlySpan<long> _startTimes;
    private readonly ReadOnlySpan<HistogramSample> _histograms;

    public MixedRate(RateKind kind, bool starts, in RangeInput input)
    {
        _kind = kind;
        _starts = starts;
        _times = input.Samples.Times;
        _values = input.Samples.Values;
        _startTimes = starts ? input.Samples.StartTimes : default;
        _histograms = input.Samples.Histograms;
    }

    private bool IsCounter => _kind != RateKind.Delta;

    public long Evaluate(in RangeInput input, StepColumn output, out bool anyFloat)
    {
        var floats = default(Window);
        var others = default(Window);
        var range = input.Source.Range;
        long seen = 0;
        anyFloat = false;
        for (var s = 0; s < output.Steps; s++)
        {
            var end = input.Source.WindowEnd(s);
            floats.Move(_times, end - range, end);
            others.Move(_histograms, end - range, end);
            seen += floats.Count + others.Count;
            if (floats.Count > 0 && others.Count > 0)
            {
                input.Context.Annotations.Warn(AnnotationTexts.MixedFloatsHistograms(input.MetricName), input.Position);
            }
            else if (floats.Count > 0)
            {
                anyFloat |= Float(input, floats, end - range, end, s, output);
            }
            else if (others.Count > 0)
            {
                Histogram(input, others, end - range, end, s, output);
            }
        }

        return seen;
    }

    private bool Float(in RangeInput input, Window window, long rangeStart, long rangeEnd, int step, StepColumn output)
    {
        var first = window.Low;
        var last = window.High - 1;
        var firstStart = _startTimes.IsEmpty ? 0 : _startTimes[first];
        var zeroAt = StartTimeReset.IsZeroInside(firstStart, _times[first], rangeStart) ? firstStart : 0;
        if (window.Count < 2 && zeroAt == 0)
        {
            return false;
        }

        var increase = _values[last] - _values[first];
        for (var i = first + 1; i <= last && IsCounter; i++)
        {
            if (_values[i] < _values[i - 1] || ResetByStart(input, i))
            {
                increase += _values[i - 1];
            }
        }

        if (zeroAt != 0)
        {
            increase += _values[first];
        }

        output.Values[step] = increase * Factor(input, _times[first], _times[last], window.Count, rangeStart, rangeEnd, _values[first], increase, zeroAt);
        return true;
    }

    private bool ResetByStart(in RangeInput input, int i)
    {
        if (_startTimes.IsEmpty)
        {
            return false;
        }

        Overlap(input, _startTimes[i - 1], _times[i - 1], _startTimes[i]);
        return StartTimeReset.Between(_startTimes[i - 1], _times[i - 1], _startTimes[i], _times[i]);
    }

    private double Factor(
        in RangeInput input, long first, long last, int count, long rangeStart, long rangeEnd, double firstValue, double increase, long zeroAt)
    {
        var factor = Extrapolation.Factor(first, last, count, rangeStart, rangeEnd, IsCounter ? firstValue : double.NaN, increase, zeroAt);
        return _kind == RateKind.Rate ? factor / (input.Source.Range / 1000.0) : factor;
    }

    private void Histogram(in RangeInput input, Window window, long rangeStart, long rangeEnd, int step, StepColumn output)
    {
        var samples = _histograms[window.Low..window.High];
        var first = samples[0];
        var zeroAt = _starts && StartTimeReset.IsZeroInside(first.StartTime, first.Time, rangeStart) ? first.StartTime : 0;
        if (samples.Length < 2 && zeroAt == 0)
        {
            return;
        }

        if (_starts)
        {
            for (var i = 1; i < samples.Length; i++)
            {
                Overlap(input, samples[i - 1].StartTime, samples[i - 1].Time, samples[i].StartTime);
            }
        }

        var increase = HistogramIncrease.Of(samples, IsCounter, _starts, zeroAt != 0, input);
        if (increase is null)
        {
            return;
        }

        var factor = Factor(
            input, first.Time, samples[^1].Time, samples.Length, rangeStart, rangeEnd, first.Histogram.Count, increase.Count, zeroAt);
        increase.ScaleOwn(factor);
        output.SetHistogram(step, increase);
    }

    private static void Overlap(in RangeInput input, long previousStart, long previousTime, long start)
    {
        if (StartTimeReset.Overlaps(previousStart, previousTime, start))
        {
            input.Context.Annotations.WarnCounted(AnnotationTexts.StartTimeOverlap(input.MetricName), input.Position);
        }
    }
}
