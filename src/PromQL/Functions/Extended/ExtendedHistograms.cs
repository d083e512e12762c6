using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Functions.Ranges;

namespace Deucalion.PromQL.Functions.Extended;

/// <summary>Increase and difference of histograms between the edges of an anchored or smoothed window.</summary>
internal static class ExtendedHistograms
{
    /// <summary>Null, with a warning, where layouts do not fit together.</summary>
    public static FloatHistogram? Increase(in RangeInput input, Window window, long start, long end, bool smoothed, bool isCounter)
    {
        var samples = input.Samples.Histograms[window.Low..window.High];
        var last = samples.Length - 1;
        if (!AreAlike(samples, isCounter))
        {
            input.Context.Annotations.Warn(AnnotationTexts.MixedSchemas(input.MetricName), input.Position);
            return null;
        }

        CheckHints(input, samples, isCounter);
        var leftInterpolated = smoothed && samples[0].Time < start && last > 0;
        var rightInterpolated = smoothed && samples[last].Time > end && last > 0;
        var left = leftInterpolated ? Interpolation.Between(samples[0], samples[1], start, isCounter) : samples[0].Histogram;
        var right = rightInterpolated ? Interpolation.Between(samples[last - 1], samples[last], end, isCounter) : samples[last].Histogram;
        var sum = new HistogramSum();
        sum.Start(right!);
        Note(input, sum.Subtract(left!), "subtraction");

        // A reset within the pair that the left edge was interpolated in is already accounted for.
        for (var i = leftInterpolated ? 2 : 1; i <= last && isCounter; i++)
        {
            if (HistogramComparison.DetectReset(samples[i].Histogram, samples[i - 1].Histogram))
            {
                Note(input, sum.Add(samples[i - 1].Histogram), "addition");
            }
        }

        sum.Hint = CounterResetHint.Gauge;
        return sum.ToHistogram();
    }

    private static bool AreAlike(ReadOnlySpan<HistogramSample> samples, bool isCounter)
    {
        var custom = samples[0].Histogram.UsesCustomBuckets();
        for (var i = isCounter ? 1 : samples.Length - 1; i < samples.Length; i++)
        {
            if (samples[i].Histogram.UsesCustomBuckets() != custom)
            {
                return false;
            }
        }

        return true;
    }

    private static void CheckHints(in RangeInput input, ReadOnlySpan<HistogramSample> samples, bool isCounter)
    {
        if (!isCounter)
        {
            if (!IsGauge(samples[0]) || !IsGauge(samples[^1]))
            {
                input.Context.Annotations.Warn(AnnotationTexts.NotGaugeHistogram(input.MetricName), input.Position);
            }

            return;
        }

        foreach (ref readonly var sample in samples)
        {
            if (IsGauge(sample))
            {
                input.Context.Annotations.Warn(AnnotationTexts.NotCounterHistogram(input.MetricName), input.Position);
                return;
            }
        }
    }

    private static bool IsGauge(in HistogramSample sample) => sample.Histogram.CounterResetHint == CounterResetHint.Gauge;

    private static void Note(in RangeInput input, HistogramSumNotes notes, string operation)
    {
        if ((notes & HistogramSumNotes.ReconciledBounds) != 0)
        {
            input.Context.Annotations.Info(AnnotationTexts.ReconciledBuckets(operation), input.Position);
        }
    }
}
