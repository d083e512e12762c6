namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>Points chosen out of many series: the series that have any, in order of their first choice.</summary>
internal sealed class PickedPoints
{
    private readonly Dictionary<int, int> _slots = [];
    private readonly List<int> _series = [];
    private readonly List<List<(int Step, double Value)>> _points = [];

    public int Count => _series.Count;

    public int SeriesAt(int slot) => _series[slot];

    public void Add(int series, int step, double value)
    {
        if (!_slots.TryGetValue(series, out var slot))
        {
            slot = _series.Count;
            _slots.Add(series, slot);
            _series.Add(series);
            _points.Add([]);
        }

        _points[slot].Add((step, value));
    }

    public void ColumnAt(int slot, StepColumn column)
    {
        column.Clear();
        foreach (var (step, value) in _points[slot])
        {
            column.Values[step] = value;
        }
    }
}
