using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Ranges;

/// <summary>
/// min_over_time and max_over_time: NaN only where all are. Histograms beside floats are ignored with an info. As long as the extreme of a window
/// lies in the next one too, only the samples that came in are looked at.
/// </summary>
internal sealed class ExtremeKernel(bool isMax) : RangeKernel
{
    public override long Evaluate(in RangeInput input, StepColumn output)
    {
        var times = input.Samples.Times;
        var values = input.Samples.Values;
        var histograms = input.Samples.Histograms;
        var result = output.Values;
        var range = input.Source.Range;
        var floats = default(Window);
        var others = default(Window);
        long seen = 0;
        var mixed = false;
        var (best, known) = (-1, 0);
        for (var s = 0; s < result.Length; s++)
        {
            var end = input.Source.WindowEnd(s);
            floats.Move(times, end - range, end);
            seen += floats.Count;
            if (!histograms.IsEmpty)
            {
                others.Move(histograms, end - range, end);
                seen += others.Count;
                mixed |= floats.Count > 0 && others.Count > 0;
            }

            if (floats.Count > 0)
            {
                (best, var from) = best >= floats.Low ? (best, known) : (floats.Low, floats.Low + 1);
                best = isMax ? Highest(values, best, from, floats.High) : Lowest(values, best, from, floats.High);
                known = floats.High;
                result[s] = values[best];
            }
        }

        if (mixed)
        {
            input.Context.Annotations.Info(AnnotationTexts.HistogramIgnoredInMixedRange(input.MetricName), input.Position);
        }

        return seen;
    }

    private static int Highest(ReadOnlySpan<double> values, int best, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            best = values[i] > values[best] || double.IsNaN(values[best]) ? i : best;
        }

        return best;
    }

    private static int Lowest(ReadOnlySpan<double> values, int best, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            best = values[i] < values[best] || double.IsNaN(values[best]) ? i : best;
        }

        return best;
    }
}
