using System.Text;
using Deucalion.Common.Contracts;

namespace Deucalion.Ingester.Read;

/// <summary>Joins the figures of a tenant's heads. Series lie in one partition each (but for changes of width), so counts of series add up; label values recur.</summary>
internal static class HeadStatusMerge
{
    /// <summary>The figures of all together, lists with at most <paramref name="limit"/> entries.</summary>
    public static HeadStatus Merge(IReadOnlyList<HeadStatus> heads, IReadOnlyDictionary<string, HashSet<string>> values, int limit) => new()
    {
        Series = heads.Sum(static x => x.Series),
        LabelPairs = values.Values.Sum(static v => (long)v.Count),
        Chunks = heads.Sum(static x => x.Chunks),
        MinTime = heads.Count == 0 ? long.MaxValue : heads.Min(static x => x.MinTime),
        MaxTime = heads.Count == 0 ? long.MinValue : heads.Max(static x => x.MaxTime),
        SeriesByMetric = Sum(heads, static x => x.SeriesByMetric, limit),
        ValuesByLabel = Top(values.Select(static v => new NamedCount(v.Key, v.Value.Count)), limit),
        BytesByLabel = Top(values.Select(static v => new NamedCount(v.Key, v.Value.Sum(static text => (long)Encoding.UTF8.GetByteCount(text)))), limit),
        SeriesByPair = Sum(heads, static x => x.SeriesByPair, limit),
    };

    private static List<NamedCount> Sum(IReadOnlyList<HeadStatus> heads, Func<HeadStatus, IReadOnlyList<NamedCount>> list, int limit) =>
        Top(heads.SelectMany(list).GroupBy(static x => x.Name, StringComparer.Ordinal).Select(static x => new NamedCount(x.Key, x.Sum(static y => y.Value))), limit);

    private static List<NamedCount> Top(IEnumerable<NamedCount> counts, int limit) =>
        [.. counts.OrderByDescending(static x => x.Value).ThenBy(static x => x.Name, StringComparer.Ordinal).Take(limit)];
}
