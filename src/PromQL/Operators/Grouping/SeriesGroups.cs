using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators.Grouping;

/// <summary>The groups that the series of an operator fall into, in order of first appearance.</summary>
internal sealed class SeriesGroups
{
    private readonly int[] _groupOf;
    private readonly List<Labels> _labels = [];
    private readonly List<bool> _dropName = [];

    private SeriesGroups(int series)
    {
        _groupOf = new int[series];
    }

    public int Count => _labels.Count;

    public static SeriesGroups Of(VectorOperator series, LabelSelection selection, QueryContext context)
    {
        var delayedNameRemoval = context.DelayedNameRemoval;
        context.Budget.HoldBytes(4L * series.Count);
        var groups = new SeriesGroups(series.Count);
        var grouping = new LabelGrouping(selection);
        for (var i = 0; i < series.Count; i++)
        {
            context.CheckEvery1024(i);
            var labels = series.RawLabelsAt(i);
            var drop = series.DropNameAt(i);
            var hide = drop && !delayedNameRemoval;
            var id = grouping.IdOf(labels, hide);
            groups._groupOf[i] = id;
            if (id == groups._labels.Count)
            {
                groups._labels.Add(selection.Select(labels, hide));
                groups._dropName.Add(drop);
            }
            else
            {
                groups._dropName[id] |= drop;
            }
        }

        return groups;
    }

    public int GroupOf(int series) => _groupOf[series];

    public Labels LabelsOf(int group) => _labels[group];

    /// <summary>Whether the name of any member is to be dropped.</summary>
    public bool DropNameOf(int group) => _dropName[group];
}
