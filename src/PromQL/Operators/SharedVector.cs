
namespace Deucalion.PromQL.Operators;

/// <summary>One place of a part that stands in the query several times.</summary>
internal sealed class SharedVector(SharedPart part, StepGrid grid) : VectorOperator(grid)
{
    public override int Count => part.Inner.Count;

    public override bool NamesUniform => part.Inner.NamesUniform;

    public override bool Reports => part.Inner.Reports;

    public override ValueTask OpenAsync(QueryContext context) => part.OpenAsync(context);

    public override SeriesLabels RawLabelsAt(int index) => part.Inner.RawLabelsAt(index);

    public override bool DropNameAt(int index) => part.Inner.DropNameAt(index);

    public override void Evaluate(int index, StepColumn column, Worker worker) => part.Evaluate(index, column, worker);

    public override void Dispose() => part.Dispose();
}
