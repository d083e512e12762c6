namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>stdvar and stddev of the population, after Welford.</summary>
internal sealed class VarianceAccumulator(int steps, bool isDeviation) : FloatAccumulator
{
    private readonly double[] _counts = new double[steps];
    private readonly double[] _means = new double[steps];
    private readonly double[] _squares = new double[steps];

    protected override void AddFloats(ReadOnlySpan<double> values)
    {
        for (var s = 0; s < values.Length; s++)
        {
            var value = values[s];
            if (StepColumn.IsAbsent(value))
            {
                continue;
            }

            if (++_counts[s] == 1)
            {
                _means[s] = value;
                _squares[s] = double.IsFinite(value) ? 0 : double.NaN;
                continue;
            }

            var delta = value - _means[s];
            _means[s] += delta / _counts[s];
            _squares[s] += delta * (value - _means[s]);
        }
    }

    protected override void FinishFloats(Span<double> result)
    {
        for (var s = 0; s < result.Length; s++)
        {
            if (_counts[s] > 0)
            {
                var variance = _squares[s] / _counts[s];
                result[s] = isDeviation ? Math.Sqrt(variance) : variance;
            }
        }
    }
}
