namespace Deucalion.PromQL.Operators.Scalars;

/// <summary>time(): the evaluation time in seconds.</summary>
internal sealed class TimeScalar : ScalarOperator
{
    public TimeScalar(StepGrid grid)
        : base(grid)
    {
        for (var s = 0; s < grid.Count; s++)
        {
            Values[s] = grid.TimeAt(s) / 1000.0;
        }
    }

    public override ValueTask OpenAsync(QueryContext context) => ValueTask.CompletedTask;

    public override void Dispose()
    {
    }
}
