using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.Common.Text;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Functions.Histograms;

namespace Deucalion.PromQL.Operators.Histograms;

/// <summary>histogram_quantile and histogram_quantiles; the latter puts the quantile into a label.</summary>
internal sealed class HistogramQuantileOperator : HistogramOperator
{
    private readonly ScalarOperator[] _quantiles;
    private readonly PositionRange[] _quantilePositions;
    private readonly string? _label;

    /// <param name="inner">The histograms.</param>
    /// <param name="position">Place of the histograms in the query.</param>
    /// <param name="quantiles">The quantiles; several only with a label.</param>
    /// <param name="quantilePositions">Their places.</param>
    /// <param name="label">Label that receives the quantile, or null.</param>
    public HistogramQuantileOperator(
        VectorOperator inner, PositionRange position, ScalarOperator[] quantiles, PositionRange[] quantilePositions, string? label)
        : base(inner, position, quantiles)
    {
        _quantiles = quantiles;
        _quantilePositions = quantilePositions;
        _label = label;
    }

    protected override int Outputs => _quantiles.Length;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        await base.OpenAsync(context);
        for (var i = 0; i < _quantiles.Length; i++)
        {
            foreach (var q in _quantiles[i].Values)
            {
                if (double.IsNaN(q) || q < 0 || q > 1)
                {
                    context.Annotations.Warn(AnnotationTexts.InvalidQuantile(q), _quantilePositions[i]);
                }
            }
        }
    }

    public override SeriesLabels RawLabelsAt(int index)
    {
        var labels = base.RawLabelsAt(index);
        if (_label is null)
        {
            return labels;
        }

        var text = GoFloat.FormatGeneral(_quantiles[index / (Count / Outputs)].Values[0]);
        text = text.AsSpan().IndexOfAny(".eIN") < 0 ? text + ".0" : text;
        return new LabelsBuilder(labels.Whole).Set(_label, text).Build();
    }

    protected override double Classic(int output, int step, ClassicBuckets buckets, Labels labels)
    {
        var result = buckets.Quantile(_quantiles[output].Values[step]);
        if (buckets.WasNotMonotonic)
        {
            var (min, max, diff) = buckets.Extent;
            var time = Grid.TimeAt(step);
            var found = new Monotonicity(min, max, diff, 1, time, time);
            Context!.Annotations.InfoMonotonicity(AnnotationTexts.ForcedMonotonicity(MetricName(labels)), Position, found);
        }

        return result;
    }

    protected override double Native(int output, int step, FloatHistogram histogram, List<HistogramBucket> scratch, Labels labels)
    {
        var result = NativeQuantile.Of(_quantiles[output].Values[step], histogram, scratch, out var note);
        if (note != NativeQuantileNote.None)
        {
            var name = MetricName(labels);
            var text = note == NativeQuantileNote.ResultIsNaN ? AnnotationTexts.NaNResult(name) : AnnotationTexts.NaNSkewed(name);
            Context!.Annotations.Info(text, Position);
        }

        return result;
    }
}
