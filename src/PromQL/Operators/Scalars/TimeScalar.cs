namespace Deucalion.PromQL.Operators.Scalars;

/// <summary>time(): the evaluation time in seconds.</summary>
internal sealed class TimeScalar(StepGrid grid) : ScalarOperator(grid)
{
    public override ValueTask OpenAsync(QueryContext context)
    {
        var values = Values;
        for (var s = 0; s < values.Length; s++)
        {
            context.CheckEvery4096(s);
            values[s] = Grid.TimeAt(s) / 1000.0;
        }

        return ValueTask.CompletedTask;
    }

    public override void Dispose()
    {
    }
}
