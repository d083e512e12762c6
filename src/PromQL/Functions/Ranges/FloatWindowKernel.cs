using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Ranges;

/// <summary>Functions that only know floats: histograms beside floats are ignored with an info, alone they yield nothing.</summary>
internal sealed class FloatWindowKernel<TFunction> : RangeKernel
    where TFunction : struct, IFloatWindow
{
    public override long Evaluate(in RangeInput input, StepColumn output)
    {
        var times = input.Samples.Times;
        var values = input.Samples.Values;
        var histograms = input.Samples.Histograms;
        var result = output.Values;
        var floats = default(Window);
        var others = default(Window);
        long seen = 0;
        var mixed = false;
        for (var s = 0; s < result.Length; s++)
        {
            var end = input.Source.WindowEnd(s);
            floats.Move(times, end - input.Source.Range, end);
            seen += floats.Count;
            if (!histograms.IsEmpty)
            {
                others.Move(histograms, end - input.Source.Range, end);
                seen += others.Count;
                mixed |= floats.Count > 0 && others.Count > 0;
            }

            if (floats.Count > 0)
            {
                result[s] = TFunction.Apply(times[floats.Low..floats.High], values[floats.Low..floats.High]);
            }
        }

        if (mixed)
        {
            input.Context.Annotations.Info(AnnotationTexts.HistogramIgnoredInMixedRange(input.MetricName), input.Position);
        }

        return seen;
    }
}
