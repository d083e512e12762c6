namespace Deucalion.PromQL.Operators.Scalars;

/// <summary>The same number at each step.</summary>
internal sealed class ConstantScalar(StepGrid grid, double value) : ScalarOperator(grid)
{
    public override ValueTask OpenAsync(QueryContext context)
    {
        Values.AsSpan().Fill(value);
        return ValueTask.CompletedTask;
    }

    public override void Dispose()
    {
    }
}
