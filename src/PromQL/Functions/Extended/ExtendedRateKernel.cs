using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Functions.Ranges;
using Deucalion.PromQL.Functions.Rates;
using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Extended;

/// <summary>
/// rate, increase and delta of anchored and smoothed windows: from the value at the window's start to that at its end, without
/// extrapolation.
/// </summary>
internal sealed class ExtendedRateKernel(RateKind kind, bool smoothed) : RangeKernel
{
    public override long Evaluate(in RangeInput input, StepColumn output)
    {
        var window = default(ExtendedWindow);
        long seen = 0;
        var anyFloat = false;
        for (var s = 0; s < output.Steps; s++)
        {
            var end = input.Source.WindowEnd(s);
            var start = end - input.Source.Range;
            var has = window.Move(input, start, end, smoothed);
            seen += window.Floats.Count + window.Histograms.Count;
            if (!has)
            {
                continue;
            }

            if (window.Floats.Count > 0 && window.Histograms.Count > 0)
            {
                input.Context.Annotations.Warn(AnnotationTexts.MixedFloatsHistograms(input.MetricName), input.Position);
            }
            else if (window.Floats.Count > 0)
            {
                var increase = Float(input, window.Floats, start, end);
                output.Values[s] = kind == RateKind.Rate ? increase / (input.Source.Range / 1000.0) : increase;
                anyFloat = true;
            }
            else if (ExtendedHistograms.Increase(input, window.Histograms, start, end, smoothed, kind != RateKind.Delta) is { } histogram)
            {
                output.SetHistogram(s, kind == RateKind.Rate ? histogram.Divide(input.Source.Range / 1000.0) : histogram);
            }
        }

        if (anyFloat && kind != RateKind.Delta)
        {
            CounterName.Check(input);
        }

        return seen;
    }

    private double Float(in RangeInput input, Window window, long start, long end)
    {
        var times = input.Samples.Times;
        var values = input.Samples.Values;
        var first = window.Low;
        var last = window.High - 1;
        var leftInterpolated = smoothed && times[first] < start && first < last;
        var rightInterpolated = smoothed && times[last] > end && first < last;
        var left = leftInterpolated ? Interpolate(times, values, first, start) : values[first];
        var right = rightInterpolated ? Interpolate(times, values, last - 1, end) : values[last];
        var increase = right - left;

        // A reset within the pair that the left edge was interpolated in is already accounted for.
        for (var i = first + (leftInterpolated ? 2 : 1); i <= last && kind != RateKind.Delta; i++)
        {
            if (values[i] < values[i - 1])
            {
                increase += values[i - 1];
            }
        }

        return increase;
    }

    private double Interpolate(ReadOnlySpan<long> times, ReadOnlySpan<double> values, int i, long at)
    {
        var from = kind != RateKind.Delta && values[i + 1] < values[i] ? 0 : values[i];
        return Interpolation.Between(times[i], from, times[i + 1], values[i + 1], at);
    }
}
