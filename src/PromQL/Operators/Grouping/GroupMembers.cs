namespace Deucalion.PromQL.Operators.Grouping;

/// <summary>The series of each group, in their order: all groups in one array.</summary>
internal sealed class GroupMembers
{
    private readonly int[] _starts;
    private readonly int[] _members;

    /// <param name="groupOf">Group of each series.</param>
    /// <param name="groups">Number of groups.</param>
    public GroupMembers(ReadOnlySpan<int> groupOf, int groups)
    {
        _starts = new int[groups + 1];
        foreach (var group in groupOf)
        {
            _starts[group + 1]++;
        }

        for (var g = 0; g < groups; g++)
        {
            _starts[g + 1] += _starts[g];
        }

        _members = new int[groupOf.Length];
        var next = _starts[..groups];
        for (var i = 0; i < groupOf.Length; i++)
        {
            _members[next[groupOf[i]]++] = i;
        }
    }

    /// <summary>Number of groups.</summary>
    public int Count => _starts.Length - 1;

    /// <summary>The series of a group.</summary>
    public ReadOnlySpan<int> Of(int group) => _members.AsSpan(_starts[group].._starts[group + 1]);
}
