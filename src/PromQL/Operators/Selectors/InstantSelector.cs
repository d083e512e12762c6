using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Sources;

namespace Deucalion.PromQL.Operators.Selectors;

/// <summary>The newest sample of each series within the lookback before each step, or the time of that sample.</summary>
internal sealed class InstantSelector : VectorOperator
{
    private readonly IReadOnlyList<LabelMatcher> _matchers;
    private readonly TimeShift _reads;
    private readonly TimeShift _shift;
    private readonly SelectedValue _value;
    private readonly SelectionHints _hints;
    private SelectedSeries? _series;
    private QueryContext? _context;
    private long _lookback;

    public InstantSelector(StepGrid grid, IReadOnlyList<LabelMatcher> matchers, TimeShift shift, SelectedValue value, SelectionHints hints)
        : base(grid)
    {
        _matchers = matchers;
        _reads = shift;

        // As in Prometheus the time of a sample is looked for at the fixed time itself, among what is read with the offset.
        _shift = shift.IsFixed && value != SelectedValue.Value ? shift with { Offset = 0 } : shift;
        _value = value;
        _hints = hints;
    }

    public override int Count => _series!.Count;

    public override bool NamesUniform => _series!.NamesUniform;

    public override bool Reports => false;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        _lookback = context.LookbackMs;
        _context = context;
        var request = new SelectRequest
        {
            Matchers = _matchers,
            MinTime = _reads.Apply(Grid.Start) - _lookback + 1,
            MaxTime = _reads.Apply(Grid.End),
            Step = Grid.Count > 1 ? Grid.Step : 0,
            Function = _hints.Function,
        };
        _series = await SelectedSeries.OpenAsync(request, _hints, context);
    }

    public override SeriesLabels RawLabelsAt(int index) => _series!.LabelsAt(index);

    public override bool DropNameAt(int index) => _value != SelectedValue.Value;

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        var buffer = worker.RentBuffer();
        _series!.Read(index, buffer);
        column.Clear();
        var points = buffer.Histograms.IsEmpty && _value == SelectedValue.Value
            ? Floats(buffer, column)
            : Mixed(buffer, column);
        _context!.Budget.CountQueryable(points);
        worker.Return(buffer);
    }

    public override void Dispose() => _series?.Dispose();

    private int Floats(SampleBuffer buffer, StepColumn column)
    {
        var times = buffer.Times;
        var values = buffer.Values;
        var output = column.Values;
        var next = 0;
        var points = 0;
        for (var s = 0; s < output.Length; s++)
        {
            _context!.CheckEvery4096(s);
            var time = _shift.Apply(Grid.TimeAt(s));
            while (next < times.Length && times[next] <= time)
            {
                next++;
            }

            // A stale marker is the column's mark of absence: it is copied as it is.
            if (next > 0 && times[next - 1] > time - _lookback)
            {
                output[s] = values[next - 1];
                points += StepColumn.IsAbsent(output[s]) ? 0 : 1;
            }
        }

        return points;
    }

    private int Mixed(SampleBuffer buffer, StepColumn column)
    {
        var floats = 0;
        var histograms = 0;
        var points = 0;
        for (var s = 0; s < Grid.Count; s++)
        {
            _context!.CheckEvery4096(s);
            var time = _shift.Apply(Grid.TimeAt(s));
            floats = Advance(buffer.Times, floats, time);
            while (histograms < buffer.Histograms.Length && buffer.Histograms[histograms].Time <= time)
            {
                histograms++;
            }

            var floatTime = floats > 0 ? buffer.Times[floats - 1] : long.MinValue;
            var histogramTime = histograms > 0 ? buffer.Histograms[histograms - 1].Time : long.MinValue;
            var newest = Math.Max(floatTime, histogramTime);
            if (newest == long.MinValue || newest <= time - _lookback)
            {
                continue;
            }

            points += floatTime >= histogramTime
                ? TakeFloat(buffer, floats - 1, column, s)
                : TakeHistogram(buffer.Histograms[histograms - 1], column, s);
        }

        return points;
    }

    private static int Advance(ReadOnlySpan<long> times, int next, long time)
    {
        while (next < times.Length && times[next] <= time)
        {
            next++;
        }

        return next;
    }

    private int TakeFloat(SampleBuffer buffer, int i, StepColumn column, int step)
    {
        if (SpecialValues.IsStaleNaN(buffer.Values[i]))
        {
            return 0;
        }

        var start = buffer.StartTimes.IsEmpty ? 0 : buffer.StartTimes[i];
        Take(column, step, buffer.Values[i], buffer.Times[i], start);
        return 1;
    }

    private int TakeHistogram(HistogramSample sample, StepColumn column, int step)
    {
        if (SpecialValues.IsStaleNaN(sample.Histogram.Sum))
        {
            return 0;
        }

        if (_value == SelectedValue.Value)
        {
            column.SetHistogram(step, sample.Histogram);
        }
        else
        {
            Take(column, step, 0, sample.Time, sample.StartTime);
        }

        return 1;
    }

    private void Take(StepColumn column, int step, double value, long time, long startTime)
    {
        switch (_value)
        {
            case SelectedValue.Value:
                column.Values[step] = value;
                break;
            case SelectedValue.Time:
                column.Values[step] = time / 1000.0;
                break;
            default:
                column.Values[step] = startTime / 1000.0;
                break;
        }
    }
}
