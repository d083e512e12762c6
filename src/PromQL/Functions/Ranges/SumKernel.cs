using Deucalion.Common.Samples;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Functions.Averages;
using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Ranges;

/// <summary>sum_over_time and avg_over_time, of floats or of histograms.</summary>
internal sealed class SumKernel(bool average) : RangeKernel
{
    public override long Evaluate(in RangeInput input, StepColumn output)
    {
        var times = input.Samples.Times;
        var values = input.Samples.Values;
        var histograms = input.Samples.Histograms;
        var floats = default(Window);
        var others = default(Window);
        if (histograms.IsEmpty)
        {
            return Floats(input, output.Values);
        }

        long seen = 0;
        for (var s = 0; s < output.Steps; s++)
        {
            var end = input.Source.WindowEnd(s);
            floats.Move(times, end - input.Source.Range, end);
            others.Move(histograms, end - input.Source.Range, end);
            seen += floats.Count + others.Count;
            if (floats.Count > 0 && others.Count > 0)
            {
                input.Context.Annotations.Warn(AnnotationTexts.MixedFloatsHistograms(input.MetricName), input.Position);
            }
            else if (floats.Count > 0)
            {
                var window = values[floats.Low..floats.High];
                output.Values[s] = average ? FloatAverage.Of(window) : FloatAverage.SumOf(window);
            }
            else if (others.Count > 0 && Combine(input, histograms[others.Low..others.High]) is { } histogram)
            {
                output.SetHistogram(s, histogram);
            }
        }

        return seen;
    }

    private long Floats(in RangeInput input, Span<double> result)
    {
        var times = input.Samples.Times;
        var values = input.Samples.Values;
        var (between, range) = (input.Source.WindowStep, input.Source.Range);
        var window = default(Window);
        long seen = 0;
        Span<int> lows = stackalloc int[FloatAverage.Lanes];
        for (var s = 0; s < result.Length;)
        {
            // Neighbouring windows of equal length are summed side by side.
            var (length, lanes, firstEnd) = (0, 0, input.Source.WindowEnd(s));
            for (; lanes < lows.Length && s + lanes < result.Length; lanes++)
            {
                var end = firstEnd + (lanes * between);
                var next = window;
                next.Move(times, end - range, end);
                if (lanes > 0 && next.Count != length)
                {
                    break;
                }

                window = next;
                length = next.Count;
                lows[lanes] = next.Low;
            }

            seen += (long)length * lanes;
            if (length > 0 && !(lanes == lows.Length && FloatAverage.TryLanes(values, lows, length, average, result[s..])))
            {
                for (var i = 0; i < lanes; i++)
                {
                    var samples = values.Slice(lows[i], length);
                    result[s + i] = average ? FloatAverage.Of(samples) : FloatAverage.SumOf(samples);
                }
            }

            s += lanes;
        }

        return seen;
    }

    private FloatHistogram? Combine(in RangeInput input, ReadOnlySpan<HistogramSample> samples)
    {
        var sum = new HistogramAverage(average);
        foreach (ref readonly var sample in samples)
        {
            sum.Add(sample.Histogram);
        }

        sum.Report(input.Context.Annotations, input.Position, AnnotationTexts.MixedSchemas(input.MetricName));
        return sum.Result();
    }
}
