using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;

namespace Deucalion.Ingester.Read;

/// <summary>Joins the exemplars of several heads.</summary>
internal static class ExemplarMerge
{
    /// <summary>Each series once, in order of labels; its exemplars in order of time, then value, then labels, equal ones once.</summary>
    public static IReadOnlyList<SeriesExemplars> Merge(IReadOnlyList<IReadOnlyList<SeriesExemplars>> heads)
    {
        var series = new SortedDictionary<Labels, List<Exemplar>>();
        foreach (var found in heads.SelectMany(static x => x))
        {
            if (!series.TryGetValue(found.Series, out var exemplars))
            {
                series.Add(found.Series, exemplars = []);
            }

            exemplars.AddRange(found.Exemplars);
        }

        var merged = new List<SeriesExemplars>(series.Count);
        foreach (var (labels, exemplars) in series)
        {
            if (exemplars.Count > 0)
            {
                merged.Add(new SeriesExemplars(labels, [.. exemplars.Distinct().Order(Comparer<Exemplar>.Create(Compare))]));
            }
        }

        return merged;
    }

    private static int Compare(Exemplar a, Exemplar b)
    {
        var order = a.Time.CompareTo(b.Time);
        order = order != 0 ? order : a.Value.CompareTo(b.Value);
        return order != 0 ? order : a.Labels.CompareTo(b.Labels);
    }
}
