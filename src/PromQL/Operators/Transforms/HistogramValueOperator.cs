using Deucalion.PromQL.Functions.Histograms;

namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>A number of each native histogram; floats are dropped. Where names are dropped at once, type and unit stay, as in Prometheus.</summary>
internal sealed class HistogramValueOperator<TValue>(VectorOperator inner) : MapOperator(inner, keepsName: false)
    where TValue : struct, IHistogramValue
{
    public override SeriesLabels RawLabelsAt(int index) =>
        Context!.DelayedNameRemoval ? Inner.RawLabelsAt(index).Whole : MetricNames.DropNameOnly(Inner.VisibleLabelsAt(index, Context));

    public override bool DropNameAt(int index) => Context!.DelayedNameRemoval;

    protected override void Transform(int index, StepColumn column)
    {
        for (var s = 0; s < column.Steps; s++)
        {
            Context!.CheckEvery4096(s);
            column.Values[s] = column.HistogramAt(s) is { } histogram ? TValue.Of(histogram) : StepColumn.Absent;
        }

        column.DropHistograms();
    }
}
