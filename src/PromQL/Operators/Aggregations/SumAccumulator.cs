using Deucalion.Common.Samples.Histograms;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>sum, compensated.</summary>
internal sealed class SumAccumulator : GroupAccumulator
{
    private readonly double[] _sums;
    private readonly double[] _lost;
    private HistogramSteps? _histograms;

    public SumAccumulator(int steps)
    {
        _sums = new double[steps];
        _lost = new double[steps];
        _sums.AsSpan().Fill(StepColumn.Absent);
    }

    public override void Add(StepColumn column)
    {
        var values = column.Values;
        var sums = _sums.AsSpan(0, values.Length);
        var lost = _lost.AsSpan(0, values.Length);
        for (var s = 0; s < values.Length; s++)
        {
            var value = values[s];
            if (StepColumn.IsAbsent(value) || _histograms?.HasEnded(s) == true)
            {
                continue;
            }

            if (StepColumn.IsAbsent(sums[s]))
            {
                sums[s] = value;
            }
            else
            {
                Kahan.Add(value, ref sums[s], ref lost[s]);
            }
        }

        if (column.Histograms is not null)
        {
            _histograms ??= new HistogramSteps(values.Length, average: false, s => !StepColumn.IsAbsent(_sums[s]));
            _histograms.Add(column.Histograms, SeriesName);
        }
    }

    public override void Report(AggregationNotes notes) => _histograms?.Report(notes);

    public override void Finish(StepColumn result)
    {
        for (var s = 0; s < _sums.Length; s++)
        {
            if (!StepColumn.IsAbsent(_sums[s]))
            {
                result.Values[s] = _sums[s] + _lost[s];
            }
        }

        _histograms?.Finish(result);
    }
}
