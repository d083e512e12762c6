using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Functions.Rates;
using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Ranges;

/// <summary>changes and resets: counts neighbours, floats and histograms in one order of time.</summary>
internal sealed class ChangesKernel(bool resets) : RangeKernel
{
    public override long Evaluate(in RangeInput input, StepColumn output)
    {
        if (!input.Samples.Histograms.IsEmpty)
        {
            return Mixed(input, output);
        }

        var times = input.Samples.Times;
        var window = default(Window);
        var counted = default(Window);
        long seen = 0;
        var count = 0;
        for (var s = 0; s < output.Steps; s++)
        {
            var end = input.Source.WindowEnd(s);
            window.Move(times, end - input.Source.Range, end);
            seen += window.Count;
            if (window.Count == 0)
            {
                continue;
            }

            count = Slide(input, counted, window, count);
            counted = window;
            output.Values[s] = count;
        }

        return seen;
    }

    /// <summary>Whether something is counted between a float and its predecessor.</summary>
    public bool Counts(in RangeInput input, int i)
    {
        var previous = input.Samples.Values[i - 1];
        var current = input.Samples.Values[i];
        if (!resets)
        {
            return current != previous && !(double.IsNaN(current) && double.IsNaN(previous));
        }

        if (current < previous)
        {
            return true;
        }

        var starts = input.Samples.StartTimes;
        var times = input.Samples.Times;
        return input.Context.Options.UseStartTimestamps && !starts.IsEmpty
            && StartTimeReset.Between(starts[i - 1], times[i - 1], starts[i], times[i]);
    }

    /// <summary>Brings the count from one window to the next: pairs that left are taken off, new ones added.</summary>
    private int Slide(in RangeInput input, Window from, Window to, int count)
    {
        if (to.Low >= from.High)
        {
            from = new Window { Low = to.Low, High = to.Low + 1 };
            count = 0;
        }

        for (var i = from.Low + 1; i <= to.Low; i++)
        {
            count -= i < from.High && Counts(input, i) ? 1 : 0;
        }

        for (var i = Math.Max(from.High, to.Low + 1); i < to.High; i++)
        {
            count += Counts(input, i) ? 1 : 0;
        }

        return count;
    }

    private long Mixed(in RangeInput input, StepColumn output)
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
            if (floats.Count + others.Count > 0)
            {
                output.Values[s] = CountAll(input, floats, others);
            }
        }

        return seen;
    }

    /// <summary>Counts over floats and histograms in one order of time.</summary>
    public int CountAll(in RangeInput input, Window floats, Window others)
    {
        var times = input.Samples.Times;
        var histograms = input.Samples.Histograms;
        int f = floats.Low, h = others.Low, count = 0;
        var previousIsFloat = false;
        for (var n = 0; n < floats.Count + others.Count; n++)
        {
            var isFloat = h == others.High || (f < floats.High && times[f] < histograms[h].Time);
            var counted = n > 0 && (isFloat != previousIsFloat || (isFloat ? Counts(input, f) : CountsHistogram(input, histograms[h - 1], histograms[h])));
            count += counted ? 1 : 0;
            previousIsFloat = isFloat;
            f += isFloat ? 1 : 0;
            h += isFloat ? 0 : 1;
        }

        return count;
    }

    private bool CountsHistogram(in RangeInput input, HistogramSample previous, HistogramSample current) => resets
        ? HistogramComparison.DetectReset(current.Histogram, previous.Histogram)
            || (input.Context.Options.UseStartTimestamps
                && StartTimeReset.Between(previous.StartTime, previous.Time, current.StartTime, current.Time))
        : !current.Histogram.SameAs(previous.Histogram);
}
