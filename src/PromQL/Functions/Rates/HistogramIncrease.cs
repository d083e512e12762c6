using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Functions.Ranges;

namespace Deucalion.PromQL.Functions.Rates;

/// <summary>The increase (or, for gauges, difference) between the first and the last of some histograms.</summary>
internal static class HistogramIncrease
{
    /// <summary>Null, with a warning, where the layouts do not fit together. The result's counts belong to the caller.</summary>
    public static FloatHistogram? Of(ReadOnlySpan<HistogramSample> samples, bool isCounter, bool useStarts, bool addFirst, in RangeInput input)
    {
        var previous = samples[0].Histogram;
        var last = samples[^1].Histogram;
        if (isCounter && (IsGauge(previous) || IsGauge(last)))
        {
            NotCounter(input);
        }

        // Behind a reset the layout of the first sample does not matter.
        if (isCounter && samples.Length > 1 && IsReset(samples, 1, previous, useStarts))
        {
            var second = samples[1].Histogram;
            previous = new FloatHistogram { Schema = second.Schema, CustomValues = second.CustomValues, ZeroThreshold = second.ZeroThreshold };
        }

        var custom = previous.UsesCustomBuckets();
        if (!FindSchema(samples, previous, isCounter, custom, input, out var schema))
        {
            input.Context.Annotations.Warn(AnnotationTexts.MixedSchemas(input.MetricName), input.Position);
            return null;
        }

        if (isCounter && !addFirst && last.Schema == schema && !AnyReset(samples, previous, useStarts) && HistogramDifference.Of(last, previous) is { } difference)
        {
            return difference;
        }

        var sum = new HistogramSum();
        sum.Start(last.ReduceTo(schema));
        Note(sum.Subtract(previous), "subtraction", input);
        if (isCounter)
        {
            AddBackResets(samples, previous, useStarts, sum, input);
        }
        else if (!IsGauge(samples[0].Histogram) || !IsGauge(last))
        {
            input.Context.Annotations.Warn(AnnotationTexts.NotGaugeHistogram(input.MetricName), input.Position);
        }

        if (addFirst)
        {
            Note(sum.Add(samples[0].Histogram), "addition", input);
        }

        sum.Hint = CounterResetHint.Gauge;
        return sum.ToHistogram();
    }

    private static bool AnyReset(ReadOnlySpan<HistogramSample> samples, FloatHistogram first, bool useStarts)
    {
        var previous = first;
        for (var i = 1; i < samples.Length; i++)
        {
            if (IsReset(samples, i, previous, useStarts))
            {
                return true;
            }

            previous = samples[i].Histogram;
        }

        return false;
    }

    private static bool FindSchema(
        ReadOnlySpan<HistogramSample> samples, FloatHistogram first, bool isCounter, bool custom, in RangeInput input, out int schema)
    {
        var last = samples[^1].Histogram;
        schema = Math.Min(first.Schema, last.Schema);
        if (last.UsesCustomBuckets() != custom)
        {
            return false;
        }

        for (var i = 1; i < samples.Length - 1 && isCounter; i++)
        {
            var current = samples[i].Histogram;
            if (IsGauge(current))
            {
                NotCounter(input);
            }

            schema = Math.Min(schema, current.Schema);
            if (current.UsesCustomBuckets() != custom)
            {
                return false;
            }
        }

        return true;
    }

    private static void AddBackResets(ReadOnlySpan<HistogramSample> samples, FloatHistogram first, bool useStarts, HistogramSum sum, in RangeInput input)
    {
        var previous = first;
        for (var i = 1; i < samples.Length; i++)
        {
            if (IsReset(samples, i, previous, useStarts))
            {
                Note(sum.Add(previous), "addition", input);
            }

            previous = samples[i].Histogram;
        }
    }

    private static bool IsReset(ReadOnlySpan<HistogramSample> samples, int i, FloatHistogram previous, bool useStarts) =>
        HistogramComparison.DetectReset(samples[i].Histogram, previous)
        || (useStarts && StartTimeReset.Between(samples[i - 1].StartTime, samples[i - 1].Time, samples[i].StartTime, samples[i].Time));

    private static bool IsGauge(FloatHistogram histogram) => histogram.CounterResetHint == CounterResetHint.Gauge;

    private static void NotCounter(in RangeInput input) =>
        input.Context.Annotations.Warn(AnnotationTexts.NotCounterHistogram(input.MetricName), input.Position);

    private static void Note(HistogramSumNotes notes, string operation, in RangeInput input)
    {
        // Conflicting hints are no news here: resets are dealt with one by one.
        if ((notes & HistogramSumNotes.ReconciledBounds) != 0)
        {
            input.Context.Annotations.Info(AnnotationTexts.ReconciledBuckets(operation), input.Position);
        }
    }
}
