using Deucalion.PromQL.Plan.Explanation;

namespace Deucalion.PromQL.Operators.Profiling;

/// <summary>Measures an operator.</summary>
internal sealed class ProfiledScalar(ScalarOperator inner, PlanNode node, TimeProvider time) : ScalarOperator(inner.Grid)
{
    public override async ValueTask OpenAsync(QueryContext context)
    {
        var started = time.GetTimestamp();
        var mark = context.Budget.BeginPeak();
        await inner.OpenAsync(context);
        inner.Values.AsSpan().CopyTo(Values);
        node.Opened(1, time.GetElapsedTime(started), context.Budget.EndPeak(mark));
        node.Evaluated(TimeSpan.Zero, Values.Length);
    }

    public override void Dispose() => inner.Dispose();
}
