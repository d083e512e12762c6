using Deucalion.Common.Labels;
using Deucalion.PromQL.Operators.Grouping;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>Aggregations that yield one series a group: sum, avg, count, min, max, group, stddev, stdvar and quantile.</summary>
internal sealed class AggregateOperator : VectorOperator, ISeriesConsumer
{
    private readonly VectorOperator _inner;
    private readonly LabelSelection _selection;
    private readonly Func<int, GroupAccumulator> _newAccumulator;
    private readonly ScalarOperator? _parameter;
    private readonly Func<QueryContext, AggregationNotes> _notes;
    private SeriesGroups? _groups;
    private GroupAccumulator[] _accumulators = [];
    private GroupOrder? _order;
    private bool _delayed;
    private SampleBudget? _budget;

    /// <param name="inner">What is aggregated.</param>
    /// <param name="selection">The labels that make the groups.</param>
    /// <param name="newAccumulator">Makes the state of a group for a number of steps.</param>
    /// <param name="parameter">A parameter that the accumulators read, or null.</param>
    /// <param name="notes">Where warnings go.</param>
    public AggregateOperator(
        VectorOperator inner,
        LabelSelection selection,
        Func<int, GroupAccumulator> newAccumulator,
        ScalarOperator? parameter,
        Func<QueryContext, AggregationNotes> notes)
        : base(inner.Grid)
    {
        _inner = inner;
        _selection = selection;
        _newAccumulator = newAccumulator;
        _parameter = parameter;
        _notes = notes;
    }

    public override int Count => _order?.Groups.Count ?? _groups!.Count;

    public override bool Reports => false;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        _delayed = context.DelayedNameRemoval;
        if (_parameter is not null)
        {
            await _parameter.OpenAsync(context);
        }

        await _inner.OpenAsync(context);
        _groups = SeriesGroups.Of(_inner, _selection, context);
        _budget = context.Budget;
        _budget.Hold((long)_groups.Count * Grid.Count, 0);
        _order = Grid.Count == 1 ? new GroupOrder(_groups.Count) : null;
        _accumulators = new GroupAccumulator[_groups.Count];
        for (var g = 0; g < _accumulators.Length; g++)
        {
            context.CheckEvery1024(g);
            _accumulators[g] = _newAccumulator(Grid.Count);
            _accumulators[g].Cancellation = context.CancellationToken;
            _budget.HoldBytes(_accumulators[g].Bytes);
        }

        SeriesDrain.Run(_inner, this, context);
        var notes = _notes(context);
        for (var g = 0; g < _accumulators.Length; g++)
        {
            context.CheckEvery1024(g);
            _accumulators[g].Report(notes);
        }
    }

    public void Consume(int index, StepColumn column)
    {
        var group = _groups!.GroupOf(index);
        var accumulator = _accumulators[group];
        if (_order is not null && column.HasPoint(0))
        {
            _order.Saw(group);
        }

        if (column.Histograms is not null)
        {
            accumulator.SeriesName = _inner.DropNameAt(index) && !_delayed ? string.Empty : _inner.RawLabelsAt(index).Get(Labels.MetricName);
        }

        var before = accumulator.Bytes;
        accumulator.Add(column);
        _budget!.HoldBytes(accumulator.Bytes - before);
    }

    public override SeriesLabels RawLabelsAt(int index) => _groups!.LabelsOf(GroupAt(index));

    public override bool DropNameAt(int index) => _groups!.DropNameOf(GroupAt(index));

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        column.Clear();
        _accumulators[GroupAt(index)].Finish(column);
    }

    public override void Dispose()
    {
        _groups?.Dispose();
        _inner.Dispose();
        _parameter?.Dispose();
    }

    private int GroupAt(int index) => _order?.Groups[index] ?? index;
}
