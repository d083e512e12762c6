using Deucalion.PromQL.Operators.Grouping;

namespace Deucalion.PromQL.Operators.Binary;

/// <summary>At which steps one side of a set operator has an element, for each set of matching labels.</summary>
internal sealed class GroupPresence : ISeriesConsumer
{
    private readonly int[] _groupOf;
    private readonly int[] _groupOfOther;
    private readonly bool[]?[] _present;
    private readonly int _steps;

    /// <param name="side">The side whose presence is recorded.</param>
    /// <param name="other">The side that asks.</param>
    /// <param name="selection">The matching labels.</param>
    /// <param name="context">The running query.</param>
    public GroupPresence(VectorOperator side, VectorOperator other, LabelSelection selection, QueryContext context)
    {
        var delayedNameRemoval = context.DelayedNameRemoval;
        using var grouping = new LabelGrouping(selection);
        _steps = side.Grid.Count;
        _groupOf = new int[side.Count];
        context.ForEach(side.Count, i => _groupOf[i] = grouping.IdOf(side.RawLabelsAt(i), side.DropNameAt(i) && !delayedNameRemoval));
        _groupOfOther = new int[other.Count];
        context.ForEach(other.Count, i => _groupOfOther[i] = grouping.Find(other.RawLabelsAt(i), other.DropNameAt(i) && !delayedNameRemoval));

        context.Budget.HoldBytes((4L * (side.Count + other.Count)) + ((8L + _steps) * grouping.Count));
        _present = new bool[]?[grouping.Count];
    }

    public void Consume(int index, StepColumn column)
    {
        var present = _present[_groupOf[index]] ??= new bool[_steps];
        for (var s = 0; s < present.Length; s++)
        {
            present[s] |= column.HasPoint(s);
        }
    }

    public void Take(MaterializedSeries series, QueryContext context)
    {
        for (var i = 0; i < series.Count; i++)
        {
            context.CheckEvery1024(i);
            if (series[i] is { } column)
            {
                Consume(i, column);
            }
        }
    }

    /// <summary>Empties the steps of a series of the other side where this side has a partner, or where it has none.</summary>
    public void Mask(int index, StepColumn column, bool keepWhereOther)
    {
        var group = _groupOfOther[index];
        var present = group < 0 ? null : _present[group];
        if (present is null)
        {
            if (keepWhereOther)
            {
                column.Clear();
            }

            return;
        }

        for (var s = 0; s < present.Length; s++)
        {
            if (present[s] != keepWhereOther)
            {
                column.ClearStep(s);
            }
        }
    }
}
