using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Functions.Ranges;
using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Rates;

/// <summary>irate and idelta: the last two samples of the window.</summary>
internal sealed class InstantRateKernel(bool isRate) : RangeKernel
{
    public override long Evaluate(in RangeInput input, StepColumn output)
    {
        var floats = default(Window);
        var others = default(Window);
        long seen = 0;
        for (var s = 0; s < output.Steps; s++)
        {
            var end = input.Source.WindowEnd(s);
            floats.Move(input.Samples.Times, end - input.Source.Range, end);
            others.Move(input.Samples.Histograms, end - input.Source.Range, end);
            seen += floats.Count + others.Count;
            if (floats.Count + others.Count >= 2)
            {
                Step(input, floats, others, s, output);
            }
        }

        return seen;
    }

    private void Step(in RangeInput input, Window floats, Window others, int step, StepColumn output)
    {
        var times = input.Samples.Times;
        var histograms = input.Samples.Histograms;
        var floatTime = TimeBack(times, floats, 1);
        var histogramTime = TimeBack(histograms, others, 1);
        if (floatTime > histogramTime && TimeBack(times, floats, 2) > histogramTime)
        {
            Float(input, floats.High - 1, step, output);
        }
        else if (histogramTime > floatTime && TimeBack(histograms, others, 2) > floatTime)
        {
            Histogram(input, histograms[others.High - 2], histograms[others.High - 1], step, output);
        }
        else
        {
            input.Context.Annotations.Warn(AnnotationTexts.MixedFloatsHistograms(input.MetricName), input.Position);
        }
    }

    private void Float(in RangeInput input, int last, int step, StepColumn output)
    {
        var times = input.Samples.Times;
        var values = input.Samples.Values;
        var interval = times[last] - times[last - 1];
        var result = values[last] - values[last - 1];
        if (isRate && (values[last] < values[last - 1] || ResetByStart(input, last)))
        {
            result = values[last];
        }

        output.Values[step] = isRate ? result / (interval / 1000.0) : result;
    }

    private static bool ResetByStart(in RangeInput input, int i)
    {
        var starts = input.Samples.StartTimes;
        var times = input.Samples.Times;
        return input.Context.Options.UseStartTimestamps && !starts.IsEmpty
            && StartTimeReset.Between(starts[i - 1], times[i - 1], starts[i], times[i]);
    }

    private void Histogram(in RangeInput input, HistogramSample previous, HistogramSample last, int step, StepColumn output)
    {
        var annotations = input.Context.Annotations;
        var gauges = (previous.Histogram.CounterResetHint == CounterResetHint.Gauge ? 1 : 0)
            + (last.Histogram.CounterResetHint == CounterResetHint.Gauge ? 1 : 0);
        if (isRate && gauges > 0)
        {
            annotations.Warn(AnnotationTexts.NotCounterHistogram(input.MetricName), input.Position);
        }
        else if (!isRate && gauges < 2)
        {
            annotations.Warn(AnnotationTexts.NotGaugeHistogram(input.MetricName), input.Position);
        }

        var reset = isRate && (HistogramComparison.DetectReset(last.Histogram, previous.Histogram)
            || (input.Context.Options.UseStartTimestamps
                && StartTimeReset.Between(previous.StartTime, previous.Time, last.StartTime, last.Time)));
        var sum = new HistogramSum();
        sum.Start(last.Histogram);
        if (!reset)
        {
            if (!sum.IsCompatible(previous.Histogram))
            {
                annotations.Warn(AnnotationTexts.MixedSchemas(input.MetricName), input.Position);
                return;
            }

            if ((sum.Subtract(previous.Histogram) & HistogramSumNotes.ReconciledBounds) != 0)
            {
                annotations.Info(AnnotationTexts.ReconciledBuckets("subtraction"), input.Position);
            }
        }

        sum.Hint = CounterResetHint.Gauge;
        var result = sum.ToHistogram();
        output.SetHistogram(step, isRate ? result.Divide((last.Time - previous.Time) / 1000.0) : result);
    }

    private static long TimeBack(ReadOnlySpan<long> times, Window window, int back) =>
        window.Count >= back ? times[window.High - back] : long.MinValue;

    private static long TimeBack(ReadOnlySpan<HistogramSample> samples, Window window, int back) =>
        window.Count >= back ? samples[window.High - back].Time : long.MinValue;
}
