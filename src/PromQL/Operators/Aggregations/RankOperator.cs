using Deucalion.PromQL.Operators.Grouping;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>topk and bottomk: whole elements with their labels, at most k a group and step.</summary>
internal sealed class RankOperator : VectorOperator, ISeriesConsumer
{
    // A pair in a list that grows by doubling.
    private const int BytesPerEntry = 24;

    private readonly VectorOperator _inner;
    private readonly LabelSelection _selection;
    private readonly ScalarOperator _k;
    private readonly bool _isTop;
    private readonly Func<QueryContext, AggregationNotes> _notes;
    private SeriesGroups? _groups;
    private ElementHeap?[] _heaps = [];
    private int[] _limits = [];
    private GroupOrder? _order;
    private bool _sawHistogram;
    private PickedPoints? _picked;
    private SampleBudget? _budget;
    private long _entries;

    public RankOperator(
        VectorOperator inner, LabelSelection selection, ScalarOperator k, bool isTop, Func<QueryContext, AggregationNotes> notes)
        : base(inner.Grid)
    {
        _inner = inner;
        _selection = selection;
        _k = k;
        _isTop = isTop;
        _notes = notes;
    }

    public override int Count => _picked!.Count;

    public override bool NamesUniform => _inner.NamesUniform;

    public override bool Reports => false;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        await _k.OpenAsync(context);
        await _inner.OpenAsync(context);
        RankLimit.Check(_k.Values);
        _limits = new int[Grid.Count];
        for (var s = 0; s < _limits.Length; s++)
        {
            _limits[s] = (int)Math.Clamp(RankLimit.Of(_k.Values[s]), 0, _inner.Count);
        }

        _groups = SeriesGroups.Of(_inner, _selection, context);
        context.Budget.Hold((long)_groups.Count * Grid.Count, 8L * _groups.Count * Grid.Count);
        _budget = context.Budget;
        _order = new GroupOrder(_groups.Count);
        _heaps = new ElementHeap?[_groups.Count * Grid.Count];
        if (Array.Exists(_limits, static k => k > 0))
        {
            SeriesDrain.Run(_inner, this, context);
        }
        else if (_inner.Reports)
        {
            SeriesDrain.Run(_inner, Discard.Instance, context);
        }

        if (_sawHistogram)
        {
            _notes(context).HistogramIgnored();
        }

        Collect(context);
    }

    public void Consume(int index, StepColumn column)
    {
        var group = _groups!.GroupOf(index) * Grid.Count;
        for (var s = 0; s < column.Steps; s++)
        {
            if (column.HasPoint(s))
            {
                _order!.Saw(_groups.GroupOf(index));
            }

            if (column.HasFloat(s))
            {
                if (_limits[s] > 0)
                {
                    _entries += (_heaps[group + s] ??= new ElementHeap(_isTop)).Offer(column.Values[s], index, _limits[s]) ? 1 : 0;
                }
            }
            else
            {
                _sawHistogram |= _limits[s] > 0 && column.HistogramAt(s) is not null;
            }
        }

        _budget!.HoldBytes(_entries * BytesPerEntry);
        _entries = 0;
    }

    public override SeriesLabels RawLabelsAt(int index) => _inner.RawLabelsAt(_picked!.SeriesAt(index));

    public override bool DropNameAt(int index) => _inner.DropNameAt(_picked!.SeriesAt(index));

    public override void Evaluate(int index, StepColumn column, Worker worker) => _picked!.ColumnAt(index, column);

    public override void Dispose()
    {
        _groups?.Dispose();
        _inner.Dispose();
        _k.Dispose();
    }

    private void Collect(QueryContext context)
    {
        _picked = new PickedPoints();
        long points = 0;
        foreach (var group in _order!.Groups)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            for (var s = 0; s < Grid.Count; s++)
            {
                if (_heaps[(group * Grid.Count) + s] is not { } heap)
                {
                    continue;
                }

                // Best first: an instant query shows the elements in this order.
                foreach (var (value, series) in heap.Ranked())
                {
                    _picked.Add(series, s, value);
                    points++;
                }
            }
        }

        _heaps = [];
        context.Budget.Hold(points, points * BytesPerEntry);
    }
}
