using Deucalion.PromQL.Operators.Grouping;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>limitk: the first k elements of each group and step, in order of the series.</summary>
internal sealed class LimitOperator(VectorOperator inner, LabelSelection selection, ScalarOperator k) : VectorOperator(inner.Grid), ISeriesConsumer
{
    private SeriesGroups? _groups;
    private KeptSeries? _kept;
    private ChosenElements? _chosen;
    private long[] _left = [];

    public override int Count => _kept!.Count;

    public override bool NamesUniform => inner.NamesUniform;

    public override bool Reports => false;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        await k.OpenAsync(context);
        RankLimit.Check(k.Values);
        await inner.OpenAsync(context);
        _groups = SeriesGroups.Of(inner, selection, context);
        _kept = new KeptSeries(context.Budget);
        context.Budget.Hold((long)_groups.Count * Grid.Count, 8L * _groups.Count * Grid.Count);
        _left = new long[_groups.Count * Grid.Count];
        for (var i = 0; i < _left.Length; i++)
        {
            context.CheckEvery4096(i);
            _left[i] = RankLimit.Of(k.Values[i % Grid.Count]);
        }

        _chosen = Grid.Count == 1 ? new ChosenElements(_groups.Count) : null;
        SeriesDrain.Run(inner, this, context);
        _chosen?.Settle();
    }

    public void Consume(int index, StepColumn column)
    {
        var left = _left.AsSpan(_groups!.GroupOf(index) * Grid.Count, Grid.Count);
        var any = false;
        for (var s = 0; s < column.Steps; s++)
        {
            if (!column.HasPoint(s))
            {
                continue;
            }

            _chosen?.Saw(_groups.GroupOf(index));
            if (left[s] > 0)
            {
                left[s]--;
                any = true;
            }
            else
            {
                column.ClearStep(s);
            }
        }

        if (any)
        {
            _chosen?.Choose(_groups.GroupOf(index), column, _kept!.Count);
            _kept!.Add(index, column);
        }
    }

    public override SeriesLabels RawLabelsAt(int index) => inner.RawLabelsAt(_kept!.SeriesAt(SlotAt(index)));

    public override bool DropNameAt(int index) => inner.DropNameAt(_kept!.SeriesAt(SlotAt(index)));

    public override void Evaluate(int index, StepColumn column, Worker worker) => column.CopyFrom(_kept!.ColumnAt(SlotAt(index)));

    public override void Dispose()
    {
        _groups?.Dispose();
        inner.Dispose();
        k.Dispose();
    }

    private int SlotAt(int index) => _chosen?.SlotAt(index) ?? index;
}
