namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>Joins the series that became equal where names are dropped at once; functions of ranges refuse them.</summary>
internal sealed class NameDropOperator(VectorOperator inner, bool joins = true) : MergingOperator(inner)
{
    private bool _alone;

    public override bool NamesUniform => _alone || base.NamesUniform;

    protected override bool Joins => joins;

    protected override bool Relabel(QueryContext context)
    {
        if (context.DelayedNameRemoval || Inner.NamesUniform)
        {
            return false;
        }

        // Where all names go, equal series are joined by what is left: no two can become equal any more.
        _alone = true;
        for (var i = 0; i < Inner.Count && _alone; i++)
        {
            context.CheckEvery1024(i);
            _alone = Inner.DropNameAt(i);
        }

        return true;
    }

    // The labels stay as they were; that their names do not count is told beside them.
    protected override SeriesLabels LabelsOf(int series) => Inner.RawLabelsAt(series);

    protected override bool DropsName(int series) => Inner.DropNameAt(series);
}
