namespace Deucalion.PromQL.Operators.Scalars;

/// <summary>A step-invariant scalar: computed at one step, repeated at all.</summary>
internal sealed class RepeatScalar(ScalarOperator inner, StepGrid grid) : ScalarOperator(grid)
{
    public override async ValueTask OpenAsync(QueryContext context)
    {
        await inner.OpenAsync(context);
        Values.AsSpan().Fill(inner.Values[0]);
    }

    public override void Dispose() => inner.Dispose();
}
