using Deucalion.Common.Hashing;
using Deucalion.Common.Labels;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Operators.Grouping;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>limit_ratio: a share of the elements, chosen by a hash of their labels, so that ratio r and r-1 complement each other.</summary>
internal sealed class LimitRatioOperator(VectorOperator inner, LabelSelection selection, ScalarOperator ratio, PositionRange ratioPosition)
    : VectorOperator(inner.Grid), ISeriesConsumer
{
    private QueryContext? _context;
    private SeriesGroups? _groups;
    private KeptSeries? _kept;
    private ChosenElements? _chosen;

    public override int Count => _kept?.Count ?? inner.Count;

    public override bool NamesUniform => inner.NamesUniform;

    public override bool Reports => _kept is null && inner.Reports;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        _context = context;
        await ratio.OpenAsync(context);
        await inner.OpenAsync(context);
        CheckRatio(context);
        if (Grid.Count > 1)
        {
            return;
        }

        // The groups decide on nothing but the order of a single step.
        _groups = SeriesGroups.Of(inner, selection, context);
        _kept = new KeptSeries(context.Budget);
        _chosen = new ChosenElements(_groups.Count);
        SeriesDrain.Run(inner, this, context);
        _chosen.Settle();
    }

    public void Consume(int index, StepColumn column)
    {
        if (!column.HasPoint(0))
        {
            return;
        }

        _chosen!.Saw(_groups!.GroupOf(index));
        if (Keeps(HashOf(inner.VisibleLabelsAt(index, _context!)), ratio.Values[0]))
        {
            _chosen.Choose(_groups.GroupOf(index), column, _kept!.Count);
            _kept.Add(index, column);
        }
    }

    public override SeriesLabels RawLabelsAt(int index) => inner.RawLabelsAt(SeriesAt(index));

    public override bool DropNameAt(int index) => inner.DropNameAt(SeriesAt(index));

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        if (_kept is not null)
        {
            column.CopyFrom(_kept.ColumnAt(_chosen!.SlotAt(index)));
            return;
        }

        inner.Evaluate(index, column, worker);
        var hash = HashOf(VisibleLabelsAt(index, _context!));
        for (var s = 0; s < column.Steps; s++)
        {
            if (column.HasPoint(s) && !Keeps(hash, ratio.Values[s]))
            {
                column.ClearStep(s);
            }
        }
    }

    public override void Dispose()
    {
        _groups?.Dispose();
        inner.Dispose();
        ratio.Dispose();
    }

    private int SeriesAt(int index) => _kept?.SeriesAt(_chosen!.SlotAt(index)) ?? index;

    private void CheckRatio(QueryContext context)
    {
        double highest = 1, lowest = -1;
        foreach (var r in ratio.Values)
        {
            if (double.IsNaN(r))
            {
                throw QueryException.Execution("Ratio value is NaN");
            }

            highest = Math.Max(highest, r);
            lowest = Math.Min(lowest, r);
        }

        if (highest > 1)
        {
            context.Annotations.Warn(AnnotationTexts.InvalidRatio(highest, 1), ratioPosition);
        }

        if (lowest < -1)
        {
            context.Annotations.Warn(AnnotationTexts.InvalidRatio(lowest, -1), ratioPosition);
        }
    }

    private static bool Keeps(double hash, double r)
    {
        var capped = Math.Clamp(r, -1, 1);
        return capped >= 0 ? hash < capped || (capped == 1) : hash >= 1 + capped;
    }

    private static double HashOf(Labels labels) => XxHash64.Compute(LabelBytes.Of(labels)) / (double)ulong.MaxValue;
}
