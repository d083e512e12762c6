using Deucalion.Common.Labels;
using Deucalion.Common.Memory;

namespace Deucalion.PromQL.Operators.Grouping;

/// <summary>The groups that the series of an operator fall into, in order of first appearance.</summary>
internal sealed class SeriesGroups : IDisposable
{
    private readonly List<Labels> _labels = [];
    private readonly List<bool> _dropName = [];
    private readonly PooledColumn<int> _groupOf = new();

    private SeriesGroups()
    {
    }

    public int Count => _labels.Count;

    public static SeriesGroups Of(VectorOperator series, LabelSelection selection, QueryContext context)
    {
        var delayedNameRemoval = context.DelayedNameRemoval;
        context.Budget.HoldBytes(4L * series.Count);
        var groups = new SeriesGroups();
        using var grouping = new LabelGrouping(selection);
        context.ForEach(series.Count, i =>
        {
            var labels = series.RawLabelsAt(i);
            var drop = series.DropNameAt(i);
            var hide = drop && !delayedNameRemoval;
            var id = grouping.IdOf(labels, hide);
            groups._groupOf.Add(id);
            if (id == groups._labels.Count)
            {
                groups._labels.Add(selection.Select(labels, hide));
                groups._dropName.Add(drop);
            }
            else
            {
                groups._dropName[id] |= drop;
            }
        });
        return groups;
    }

    public int GroupOf(int series) => _groupOf[series];

    public Labels LabelsOf(int group) => _labels[group];

    /// <summary>Whether the name of any member is to be dropped.</summary>
    public bool DropNameOf(int group) => _dropName[group];

    /// <summary>Gives memory back: <see cref="GroupOf"/> is not asked any more.</summary>
    public void Dispose() => _groupOf.Release();
}
