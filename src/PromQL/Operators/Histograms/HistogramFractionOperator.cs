using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Functions.Histograms;

namespace Deucalion.PromQL.Operators.Histograms;

/// <summary>histogram_fraction.</summary>
internal sealed class HistogramFractionOperator(VectorOperator inner, PositionRange position, ScalarOperator lower, ScalarOperator upper)
    : HistogramOperator(inner, position, lower, upper)
{
    protected override double Classic(int output, int step, ClassicBuckets buckets, Labels labels) =>
        buckets.Fraction(lower.Values[step], upper.Values[step]);

    protected override double Native(int output, int step, FloatHistogram histogram, List<HistogramBucket> scratch, Labels labels)
    {
        var result = NativeFraction.Of(lower.Values[step], upper.Values[step], histogram, scratch, out var hasNaN);
        if (hasNaN)
        {
            Context!.Annotations.Info(AnnotationTexts.NaNFraction(MetricName(labels)), Position);
        }

        return result;
    }
}
