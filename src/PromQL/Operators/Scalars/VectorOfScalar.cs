using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators.Scalars;

/// <summary>vector(): one series without labels.</summary>
internal sealed class VectorOfScalar(ScalarOperator inner) : VectorOperator(inner.Grid)
{
    public override int Count => 1;

    public override bool NamesUniform => true;

    public override bool Reports => false;

    public override ValueTask OpenAsync(QueryContext context) => inner.OpenAsync(context);

    public override SeriesLabels RawLabelsAt(int index) => Labels.Empty;

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        column.DropHistograms();
        inner.Values.AsSpan().CopyTo(column.Values);
    }

    public override void Dispose() => inner.Dispose();
}
