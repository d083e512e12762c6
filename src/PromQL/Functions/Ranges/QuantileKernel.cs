using System.Buffers;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Ranges;

/// <summary>quantile_over_time.</summary>
internal sealed class QuantileKernel(ScalarOperator quantile, PositionRange quantilePosition) : RangeKernel
{
    public override long Evaluate(in RangeInput input, StepColumn output)
    {
        var times = input.Samples.Times;
        var work = ArrayPool<double>.Shared.Rent(times.Length);
        var floats = default(Window);
        var others = default(Window);
        long seen = 0;
        for (var s = 0; s < output.Steps; s++)
        {
            var end = input.Source.WindowEnd(s);
            floats.Move(times, end - input.Source.Range, end);
            others.Move(input.Samples.Histograms, end - input.Source.Range, end);
            seen += floats.Count + others.Count;
            if (floats.Count == 0)
            {
                continue;
            }

            var q = quantile.Values[s];
            if (double.IsNaN(q) || q < 0 || q > 1)
            {
                input.Context.Annotations.Warn(AnnotationTexts.InvalidQuantile(q), quantilePosition);
            }

            if (others.Count > 0)
            {
                input.Context.Annotations.Info(AnnotationTexts.HistogramIgnoredInMixedRange(input.MetricName), quantilePosition);
            }

            var window = work.AsSpan(0, floats.Count);
            input.Samples.Values[floats.Low..floats.High].CopyTo(window);
            output.Values[s] = Quantiles.OfUnsorted(q, window);
        }

        ArrayPool<double>.Shared.Return(work);
        return seen;
    }
}
