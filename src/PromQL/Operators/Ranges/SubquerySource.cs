using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.Operators.Selectors;

namespace Deucalion.PromQL.Operators.Ranges;

/// <summary>The points of an expression evaluated on a grid of its own, seen as samples.</summary>
internal sealed class SubquerySource : RangeSource
{
    private readonly VectorOperator? _inner;
    private QueryContext? _context;

    /// <param name="grid">The steps of the outer expression.</param>
    /// <param name="shift">Offset and @ of the subquery.</param>
    /// <param name="range">Length of the window.</param>
    /// <param name="inner">The expression over the inner grid, or null where that grid is empty.</param>
    public SubquerySource(StepGrid grid, TimeShift shift, long range, VectorOperator? inner)
        : base(grid, shift, range)
    {
        _inner = inner;
    }

    public override int Count => _inner?.Count ?? 0;

    public override bool NamesUniform => _inner?.NamesUniform ?? true;

    /// <summary>The inner steps: multiples of the step in the union of all windows, whatever the outer start; empty where none fits.</summary>
    public static StepGrid InnerGrid(StepGrid outer, TimeShift shift, long range, long step)
    {
        var edge = shift.Apply(outer.Start) - range;
        var start = edge / step * step;
        if (start <= edge)
        {
            start += step;
        }

        var end = shift.Apply(outer.End);
        return new StepGrid(start, step, end < start ? 0 : (int)((end - start) / step) + 1);
    }

    public override ValueTask OpenAsync(QueryContext context)
    {
        _context = context;
        return _inner is null ? ValueTask.CompletedTask : _inner.OpenAsync(context);
    }

    public override SeriesLabels RawLabelsAt(int index) => _inner!.RawLabelsAt(index);

    public override bool DropNameAt(int index) => _inner!.DropNameAt(index);

    public override void Read(int index, SampleBuffer buffer, Worker worker)
    {
        var column = worker.RentColumn(_inner!.Grid.Count);
        _inner.Evaluate(index, column, worker);
        buffer.Clear();
        for (var s = 0; s < column.Steps; s++)
        {
            _context!.CheckEvery4096(s);
            if (column.HasFloat(s))
            {
                buffer.Add(_inner.Grid.TimeAt(s), column.Values[s]);
            }
            else if (column.HistogramAt(s) is { } histogram)
            {
                buffer.Add(new HistogramSample(_inner.Grid.TimeAt(s), 0, WithoutHint(histogram)));
            }
        }

        worker.Return(column);
    }

    public override void Dispose() => _inner?.Dispose();

    // What was known about a reset before the sample need not hold at the subquery's step.
    private static FloatHistogram WithoutHint(FloatHistogram histogram) =>
        histogram.CounterResetHint is CounterResetHint.CounterReset or CounterResetHint.NotCounterReset
            ? histogram.WithHint(CounterResetHint.Unknown)
            : histogram;
}
