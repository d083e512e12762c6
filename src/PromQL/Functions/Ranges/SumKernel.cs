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
