using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>Gives each series a new label set.</summary>
internal abstract class RelabelOperator(VectorOperator inner) : MergingOperator(inner)
{
    private Labels[] _labels = [];
    private bool[] _dropsName = [];

    protected sealed override bool Relabel(QueryContext context)
    {
        Check();
        _labels = new Labels[Inner.Count];
        _dropsName = new bool[Inner.Count];
        context.ForEach(_labels.Length, i => (_labels[i], _dropsName[i]) = Relabel(i, context));
        return true;
    }

    protected sealed override SeriesLabels LabelsOf(int series) => _labels[series];

    protected sealed override bool DropsName(int series) => _dropsName[series];

    /// <summary>Fails the query where what is asked for is not valid.</summary>
    protected abstract void Check();

    /// <summary>New labels of a series, and whether its name is to be dropped from them.</summary>
    protected abstract (Labels Labels, bool DropName) Relabel(int index, QueryContext context);
}
