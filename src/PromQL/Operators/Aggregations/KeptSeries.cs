namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>Columns of some series that an aggregation keeps whole or in part.</summary>
internal sealed class KeptSeries(SampleBudget budget)
{
    private readonly List<int> _series = [];
    private readonly List<StepColumn> _columns = [];

    public int Count => _series.Count;

    public int SeriesAt(int slot) => _series[slot];

    public StepColumn ColumnAt(int slot) => _columns[slot];

    /// <summary>Keeps a copy of the column.</summary>
    public void Add(int series, StepColumn column)
    {
        budget.Hold(SampleBudget.CostOf(column), SampleBudget.BytesOf(column));
        var copy = new StepColumn(column.Steps);
        copy.CopyFrom(column);
        _series.Add(series);
        _columns.Add(copy);
    }
}
