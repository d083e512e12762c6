using Deucalion.PromQL.Operators.Grouping;

namespace Deucalion.PromQL.Operators.Binary;

/// <summary>The series of both sides of a vector operation by their matching labels.</summary>
internal sealed class MatchGroups
{
    private readonly GroupMembers _left;
    private readonly GroupMembers _right;

    public MatchGroups(VectorOperator left, VectorOperator right, LabelSelection selection, QueryContext context)
    {
        Selection = selection;
        using var grouping = new LabelGrouping(selection);
        var (ofLeft, ofRight) = (GroupsOf(left, grouping, context), GroupsOf(right, grouping, context));
        _left = new GroupMembers(ofLeft, grouping.Count);
        _right = new GroupMembers(ofRight, grouping.Count);
    }

    public LabelSelection Selection { get; }

    public int Count => _left.Count;

    public ReadOnlySpan<int> Left(int group) => _left.Of(group);

    public ReadOnlySpan<int> Right(int group) => _right.Of(group);

    private static int[] GroupsOf(VectorOperator series, LabelGrouping grouping, QueryContext context)
    {
        var groups = new int[series.Count];
        context.ForEach(groups.Length, i => groups[i] = grouping.IdOf(series.RawLabelsAt(i), series.DropNameAt(i) && !context.DelayedNameRemoval));
        return groups;
    }
}
