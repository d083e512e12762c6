using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Functions.Averages;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>avg: the compensated sum divided by the count until the sum overflows, a running mean from then on.</summary>
internal sealed class AverageAccumulator : GroupAccumulator
{
    private readonly double[] _sums;
    private readonly double[] _lost;
    private readonly double[] _counts;
    private readonly bool[] _running;
    private HistogramSteps? _histograms;

    public AverageAccumulator(int steps)
    {
        _sums = new double[steps];
        _lost = new double[steps];
        _counts = new double[steps];
        _running = new bool[steps];
    }

    public override void Add(StepColumn column)
    {
        var values = column.Values;
        for (var s = 0; s < values.Length; s++)
        {
            if (!StepColumn.IsAbsent(values[s]) && _histograms?.HasEnded(s) != true)
            {
                Add(values[s], s);
            }
        }

        if (column.Histograms is not null)
        {
            _histograms ??= new HistogramSteps(values.Length, average: true, s => _counts[s] > 0);
            _histograms.Add(column.Histograms, SeriesName);
        }
    }

    public override void Report(AggregationNotes notes) => _histograms?.Report(notes);

    public override void Finish(StepColumn result)
    {
        for (var s = 0; s < _sums.Length; s++)
        {
            if (_counts[s] > 0)
            {
                result.Values[s] = _running[s] ? _sums[s] + _lost[s] : (_sums[s] / _counts[s]) + (_lost[s] / _counts[s]);
            }
        }

        _histograms?.Finish(result);
    }

    private void Add(double value, int s)
    {
        var count = ++_counts[s];
        if (count == 1)
        {
            _sums[s] = value;
            return;
        }

        if (!_running[s])
        {
            var (sum, lost) = (_sums[s], _lost[s]);
            Kahan.Add(value, ref sum, ref lost);
            if (!double.IsInfinity(sum))
            {
                (_sums[s], _lost[s]) = (sum, lost);
                return;
            }

            _running[s] = true;
            _sums[s] /= count - 1;
            _lost[s] /= count - 1;
        }

        FloatAverage.AddToMean(value, count, ref _sums[s], ref _lost[s]);
    }
}
