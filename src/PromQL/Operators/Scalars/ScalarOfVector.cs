namespace Deucalion.PromQL.Operators.Scalars;

/// <summary>scalar(): the value where a step has exactly one float, else NaN.</summary>
internal sealed class ScalarOfVector(VectorOperator inner) : ScalarOperator(inner.Grid), ISeriesConsumer
{
    private readonly int[] _counts = new int[inner.Grid.Count];

    public override async ValueTask OpenAsync(QueryContext context)
    {
        await inner.OpenAsync(context);
        SeriesDrain.Run(inner, this, context);
        for (var s = 0; s < Values.Length; s++)
        {
            Values[s] = _counts[s] == 1 ? Values[s] : double.NaN;
        }
    }

    public void Consume(int index, StepColumn column)
    {
        for (var s = 0; s < column.Steps; s++)
        {
            if (column.HasFloat(s))
            {
                Values[s] = column.Values[s];
                _counts[s]++;
            }
        }
    }

    public override void Dispose() => inner.Dispose();
}
