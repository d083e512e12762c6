using Deucalion.Storage.Head;

namespace Deucalion.Ingester.Read;

/// <summary>The distinct values of each label.</summary>
internal static class LabelValueSets
{
    /// <summary>Those of one head.</summary>
    public static Dictionary<string, HashSet<string>> Of(TenantHead head)
    {
        var names = new HashSet<string>();
        head.LabelNames([], long.MinValue, long.MaxValue, names);
        var sets = new Dictionary<string, HashSet<string>>(names.Count);
        foreach (var name in names)
        {
            var values = new HashSet<string>();
            head.LabelValues(name, [], long.MinValue, long.MaxValue, values);
            sets.Add(name, values);
        }

        return sets;
    }

    /// <summary>Those of several heads together; the first is changed.</summary>
    public static Dictionary<string, HashSet<string>> Union(IEnumerable<Dictionary<string, HashSet<string>>> heads)
    {
        var union = new Dictionary<string, HashSet<string>>();
        foreach (var (name, values) in heads.SelectMany(static h => h))
        {
            if (!union.TryAdd(name, values))
            {
                union[name].UnionWith(values);
            }
        }

        return union;
    }
}
