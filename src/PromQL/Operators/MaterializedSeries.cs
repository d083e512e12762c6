namespace Deucalion.PromQL.Operators;

/// <summary>Keeps the columns of all series of an operator; counted against the query's budget until disposed.</summary>
internal sealed class MaterializedSeries : ISeriesConsumer, IDisposable
{
    private readonly SampleBudget _budget;
    private readonly StepColumn?[] _columns;
    private long _held;
    private long _heldBytes;

    private MaterializedSeries(int count, SampleBudget budget)
    {
        _budget = budget;
        _heldBytes = 8L * count;
        _budget.HoldBytes(_heldBytes);
        _columns = new StepColumn?[count];
    }

    public int Count => _columns.Length;

    /// <summary>The column, or null where the series has no point at any step.</summary>
    public StepColumn? this[int index] => _columns[index];

    public static MaterializedSeries From(VectorOperator source, QueryContext context)
    {
        var series = new MaterializedSeries(source.Count, context.Budget);
        SeriesDrain.Run(source, series, context);
        return series;
    }

    public void Consume(int index, StepColumn column)
    {
        var cost = SampleBudget.CostOf(column);
        if (cost == 0)
        {
            return;
        }

        var bytes = SampleBudget.BytesOf(column);
        _budget.Hold(cost, bytes);
        _held += cost;
        _heldBytes += bytes;
        var kept = new StepColumn(column.Steps);
        kept.CopyFrom(column);
        _columns[index] = kept;
    }

    public void Dispose()
    {
        _budget.Release(_held, _heldBytes);
        _held = 0;
        _heldBytes = 0;
    }
}
