using Deucalion.Common.Labels;
using Deucalion.Common.Text;
using Deucalion.PromQL.Operators.Grouping;

namespace Deucalion.PromQL.Operators.Histograms;

/// <summary>The series of histograms, classic or native: by all labels but <c>le</c>.</summary>
internal sealed class HistogramGroups
{
    private static readonly LabelSelection Identity = LabelSelection.Except(["le"]);

    private readonly List<HistogramGroup> _groups = [];

    public int Count => _groups.Count;

    public HistogramGroup this[int index] => _groups[index];

    public static HistogramGroups Of(VectorOperator series, QueryContext context)
    {
        var groups = new HistogramGroups();
        using var grouping = new LabelGrouping(Identity);
        context.ForEach(series.Count, i =>
        {
            var labels = series.RawLabelsAt(i);
            var hideMetadata = series.DropNameAt(i) && !context.DelayedNameRemoval;
            var id = grouping.IdOf(labels, hideMetadata);
            if (id == groups.Count)
            {
                groups._groups.Add(new HistogramGroup(Identity.Select(labels, hideMetadata)));
            }

            var le = labels.Get("le");
            var isBound = GoNumber.TryParseFloat(le, out var bound);
            groups._groups[id].Add(new HistogramMember(i, le, isBound ? bound : null));
        });

        foreach (var group in groups._groups)
        {
            group.Sort();
        }

        return groups;
    }
}

/// <summary>A series of a histogram; the bound is null where the label <c>le</c> has none.</summary>
internal readonly record struct HistogramMember(int Series, string Le, double? Bound);

/// <summary>The series of one histogram, by bound.</summary>
internal sealed class HistogramGroup(Labels labels)
{
    private readonly List<HistogramMember> _members = [];

    /// <summary>All labels but <c>le</c>, the name included.</summary>
    public Labels Labels => labels;

    public IReadOnlyList<HistogramMember> Members => _members;

    public void Add(HistogramMember member) => _members.Add(member);

    public void Sort() => _members.Sort(static (a, b) =>
    {
        var order = (a.Bound ?? double.NegativeInfinity).CompareTo(b.Bound ?? double.NegativeInfinity);
        return order == 0 ? a.Series.CompareTo(b.Series) : order;
    });
}
