namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>min and max: NaN only where all are.</summary>
internal sealed class ExtremeAccumulator : FloatAccumulator
{
    private readonly double[] _extremes;
    private readonly bool _isMax;

    public ExtremeAccumulator(int steps, bool isMax)
    {
        _extremes = new double[steps];
        _extremes.AsSpan().Fill(StepColumn.Absent);
        _isMax = isMax;
    }

    protected override void AddFloats(ReadOnlySpan<double> values)
    {
        // The mark of absence is a NaN itself, so the first value replaces it.
        var extremes = _extremes.AsSpan(0, values.Length);
        for (var s = 0; s < values.Length; s++)
        {
            var value = values[s];
            var better = _isMax ? extremes[s] < value : extremes[s] > value;
            if (!StepColumn.IsAbsent(value) && (better || double.IsNaN(extremes[s])))
            {
                extremes[s] = value;
            }
        }
    }

    protected override void FinishFloats(Span<double> result) => _extremes.CopyTo(result);
}
