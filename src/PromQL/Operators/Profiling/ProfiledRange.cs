using Deucalion.Common.Samples;
using Deucalion.PromQL.Operators.Ranges;
using Deucalion.PromQL.Plan.Explanation;

namespace Deucalion.PromQL.Operators.Profiling;

/// <summary>Measures a range vector.</summary>
internal sealed class ProfiledRange(RangeSource inner, PlanNode node, TimeProvider time) : RangeSource(inner.Grid, inner.Shift, inner.Range)
{
    public override (long Before, long After) Margin => inner.Margin;

    public override int Count => inner.Count;

    public override bool NamesUniform => inner.NamesUniform;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        var started = time.GetTimestamp();
        var mark = context.Budget.BeginPeak();
        await inner.OpenAsync(context);
        node.Opened(inner.Count, time.GetElapsedTime(started), context.Budget.EndPeak(mark));
    }

    public override SeriesLabels RawLabelsAt(int index) => inner.RawLabelsAt(index);

    public override bool DropNameAt(int index) => inner.DropNameAt(index);

    public override void Read(int index, SampleBuffer buffer, Worker worker)
    {
        var started = time.GetTimestamp();
        inner.Read(index, buffer, worker);
        var elapsed = time.GetElapsedTime(started);
        node.Evaluated(elapsed, node.Read > 0 ? 0 : buffer.Count + buffer.Histograms.Length);
    }

    public override void Dispose() => inner.Dispose();
}
