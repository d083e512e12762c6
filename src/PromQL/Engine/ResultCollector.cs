using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Engine;

/// <summary>Shapes the series of a vector expression into the result: names dropped, equal series joined, a range query sorted.</summary>
internal sealed class ResultCollector : ISeriesConsumer
{
    private readonly VectorOperator _from;
    private readonly QueryContext _context;
    private readonly long[] _times;
    private readonly List<ResultSeries> _series = [];
    private bool _dropped;

    public ResultCollector(VectorOperator from, QueryContext context)
    {
        _from = from;
        _context = context;
        _times = new long[from.Grid.Count];
        for (var s = 0; s < _times.Length; s++)
        {
            _times[s] = from.Grid.TimeAt(s);
        }
    }

    public void Consume(int index, StepColumn column)
    {
        var cost = SampleBudget.CostOf(column);
        if (cost == 0)
        {
            return;
        }

        _context.Budget.Hold(cost, SampleBudget.BytesOf(column));
        var labels = _from.RawLabelsAt(index).Whole;
        if (_from.DropNameAt(index))
        {
            labels = MetricNames.Drop(labels);
            _dropped = true;
        }

        var histograms = column.Histograms is null ? null : (FloatHistogram?[])column.Histograms.Clone();
        _series.Add(new ResultSeries(labels, _times, (double[])column.Values.Clone(), histograms));
    }

    public List<ResultSeries> Finish()
    {
        var series = _dropped && !_from.NamesUniform ? JoinEqual() : _series;
        if (_context.IsRangeQuery)
        {
            CancellableSort.Sort(series, static (a, b) => a.Labels.CompareTo(b.Labels), _context.CancellationToken);
        }

        return series;
    }

    private List<ResultSeries> JoinEqual()
    {
        var byLabels = new Dictionary<Labels, int>(_series.Count);
        var joined = new List<ResultSeries>(_series.Count);
        for (var i = 0; i < _series.Count; i++)
        {
            _context.CheckEvery1024(i);
            var series = _series[i];
            if (byLabels.TryGetValue(series.Labels, out var at))
            {
                joined[at] = Join(joined[at], series);
            }
            else
            {
                byLabels.Add(series.Labels, joined.Count);
                joined.Add(series);
            }
        }

        return joined;
    }

    private static ResultSeries Join(ResultSeries a, ResultSeries b)
    {
        var histograms = a.Histograms ?? (b.Histograms is null ? null : new FloatHistogram?[b.Count]);
        for (var s = 0; s < b.Count; s++)
        {
            if (!b.HasPoint(s))
            {
                continue;
            }

            if (a.HasPoint(s))
            {
                throw QueryException.SameLabelset();
            }

            a.Values[s] = b.Values[s];
            if (b.HistogramAt(s) is { } histogram)
            {
                histograms![s] = histogram;
            }
        }

        return new ResultSeries(a.Labels, a.Times, a.Values, histograms);
    }
}
