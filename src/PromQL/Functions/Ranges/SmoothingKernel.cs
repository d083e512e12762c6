using System.Globalization;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Ranges;

/// <summary>double_exponential_smoothing.</summary>
internal sealed class SmoothingKernel(ScalarOperator smoothing, ScalarOperator trend) : RangeKernel
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
            if (floats.Count + others.Count == 0)
            {
                continue;
            }

            var sf = Factor(smoothing.Values[s], "smoothing", "sf");
            var tf = Factor(trend.Values[s], "trend", "tf");
            if (floats.Count > 0 && others.Count > 0)
            {
                input.Context.Annotations.Info(AnnotationTexts.HistogramIgnoredInMixedRange(input.MetricName), input.Position);
            }

            if (floats.Count >= 2)
            {
                output.Values[s] = Smooth(input.Samples.Values[floats.Low..floats.High], sf, tf);
            }
        }

        return seen;
    }

    private static double Factor(double value, string what, string name) => value > 0 && value < 1
        ? value
        : throw QueryException.Execution($"invalid {what} factor. Expected: 0 < {name} < 1, got: {value.ToString("F6", CultureInfo.InvariantCulture)}");

    private static double Smooth(ReadOnlySpan<double> values, double sf, double tf)
    {
        double before = 0;
        var level = values[0];
        var slope = values[1] - values[0];
        for (var i = 1; i < values.Length; i++)
        {
            slope = i == 1 ? slope : (tf * (level - before)) + ((1 - tf) * slope);
            var next = (sf * values[i]) + ((1 - sf) * (level + slope));
            before = level;
            level = next;
        }

        return level;
    }
}
