namespace Deucalion.PromQL.Operators.Scalars;

/// <summary>The same number at each step.</summary>
internal sealed class ConstantScalar : ScalarOperator
{
    public ConstantScalar(StepGrid grid, double value)
        : base(grid)
    {
        Values.AsSpan().Fill(value);
    }

    public override ValueTask OpenAsync(QueryContext context) => ValueTask.CompletedTask;

    public override void Dispose()
    {
    }
}
