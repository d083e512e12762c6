namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>count and group: floats and histograms alike.</summary>
internal sealed class CountAccumulator(int steps, bool isGroup) : GroupAccumulator
{
    private readonly double[] _counts = new double[steps];

    public override void Add(StepColumn column)
    {
        for (var s = 0; s < _counts.Length; s++)
        {
            _counts[s] += column.HasFloat(s) ? 1 : 0;
        }

        for (var s = 0; s < _counts.Length && column.Histograms is not null; s++)
        {
            _counts[s] += column.Histograms[s] is null ? 0 : 1;
        }
    }

    public override void Finish(StepColumn result)
    {
        for (var s = 0; s < _counts.Length; s++)
        {
            if (_counts[s] > 0)
            {
                result.Values[s] = isGroup ? 1 : _counts[s];
            }
        }
    }
}
