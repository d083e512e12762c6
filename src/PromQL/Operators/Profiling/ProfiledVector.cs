using Deucalion.PromQL.Plan.Explanation;

namespace Deucalion.PromQL.Operators.Profiling;

/// <summary>Measures an operator.</summary>
internal sealed class ProfiledVector(VectorOperator inner, PlanNode node, TimeProvider time) : VectorOperator(inner.Grid)
{
    public override int Count => inner.Count;

    public override bool NamesUniform => inner.NamesUniform;

    public override bool Reports => inner.Reports;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        var started = time.GetTimestamp();
        var mark = context.Budget.BeginPeak();
        await inner.OpenAsync(context);
        node.Opened(inner.Count, time.GetElapsedTime(started), context.Budget.EndPeak(mark));
    }

    public override SeriesLabels RawLabelsAt(int index) => inner.RawLabelsAt(index);

    public override bool DropNameAt(int index) => inner.DropNameAt(index);

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        var started = time.GetTimestamp();
        inner.Evaluate(index, column, worker);
        var elapsed = time.GetElapsedTime(started);

        // A selector counts what it reads, not what its steps show.
        node.Evaluated(elapsed, node.Read > 0 ? 0 : column.CountPoints());
    }

    public override void Dispose() => inner.Dispose();
}
