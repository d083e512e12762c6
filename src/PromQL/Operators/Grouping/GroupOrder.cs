namespace Deucalion.PromQL.Operators.Grouping;

/// <summary>
/// The groups in the order in which their elements come up. Of a single step that is the order of the result; where there are several,
/// results are sorted by their labels in the end.
/// </summary>
internal sealed class GroupOrder(int groups)
{
    private readonly bool[] _seen = new bool[groups];
    private readonly List<int> _order = new(groups);

    /// <summary>The groups that came up.</summary>
    public IReadOnlyList<int> Groups => _order;

    /// <summary>An element of the group came up.</summary>
    public void Saw(int group)
    {
        if (!_seen[group])
        {
            _seen[group] = true;
            _order.Add(group);
        }
    }
}
