
namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>A step-invariant expression: computed at one step, repeated at all.</summary>
internal sealed class RepeatOperator(VectorOperator inner, StepGrid grid) : VectorOperator(grid)
{
    public override int Count => inner.Count;

    public override bool NamesUniform => inner.NamesUniform;

    public override bool Reports => inner.Reports;

    public override ValueTask OpenAsync(QueryContext context) => inner.OpenAsync(context);

    public override SeriesLabels RawLabelsAt(int index) => inner.RawLabelsAt(index);

    public override bool DropNameAt(int index) => inner.DropNameAt(index);

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        var once = worker.RentColumn(1);
        inner.Evaluate(index, once, worker);
        column.DropHistograms();
        column.Values.AsSpan().Fill(once.Values[0]);
        if (once.HistogramAt(0) is { } histogram)
        {
            column.EnsureHistograms().AsSpan().Fill(histogram);
        }

        worker.Return(once);
    }

    public override void Dispose() => inner.Dispose();
}
