using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators;

/// <summary>No series.</summary>
internal sealed class EmptyOperator(StepGrid grid) : VectorOperator(grid)
{
    public override int Count => 0;

    public override bool NamesUniform => true;

    public override bool Reports => false;

    public override ValueTask OpenAsync(QueryContext context) => ValueTask.CompletedTask;

    public override SeriesLabels RawLabelsAt(int index) => Labels.Empty;

    public override void Evaluate(int index, StepColumn column, Worker worker) => column.Clear();

    public override void Dispose()
    {
    }
}
