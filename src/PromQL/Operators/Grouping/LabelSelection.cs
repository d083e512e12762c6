using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators.Grouping;

/// <summary>Which labels count: the listed ones, or all but the listed ones.</summary>
internal sealed class LabelSelection
{
    /// <summary>All labels.</summary>
    public static readonly LabelSelection All = Except([]);

    private readonly string[] _names;
    private readonly bool _only;

    private LabelSelection(IEnumerable<string> names, bool only)
    {
        _names = [.. names.Distinct(StringComparer.Ordinal)];
        _only = only;
    }

    /// <summary><c>by</c> and <c>on</c>.</summary>
    public static LabelSelection Only(IReadOnlyList<string> names) => new(names, only: true);

    /// <summary><c>without</c> and <c>ignoring</c>, which leave out the metric name too.</summary>
    public static LabelSelection AllBut(IReadOnlyList<string> names) => new([.. names, Labels.MetricName], only: false);

    /// <summary>All labels but some.</summary>
    public static LabelSelection Except(IReadOnlyList<string> names) => new(names, only: false);

    /// <summary>Whether a label counts.</summary>
    public bool Counts(string name, bool hideMetadata) =>
        Array.IndexOf(_names, name) >= 0 == _only && !(hideMetadata && MetricNames.IsMetadata(name));

    /// <summary>Whether a label would be kept that was added after the fact; <c>by</c> and <c>on</c> take in whatever is added.</summary>
    public bool Keeps(string name) => _only || Array.IndexOf(_names, name) < 0;

    /// <summary>The labels that count.</summary>
    public Labels Select(SeriesLabels labels, bool hideMetadata)
    {
        if (labels.Pairs is null)
        {
            return Select(labels.Whole, hideMetadata);
        }

        var kept = new List<string>();
        foreach (var pair in labels.Numbers)
        {
            if (Counts(labels.Pairs.NameTextOf(pair), hideMetadata))
            {
                kept.Add(labels.Pairs.NameTextOf(pair));
                kept.Add(labels.Pairs.ValueOf(pair));
            }
        }

        return Labels.FromSortedPairs([.. kept]);
    }

    private Labels Select(Labels labels, bool hideMetadata)
    {
        var kept = new List<string>();
        for (var i = 0; i < labels.Count; i++)
        {
            if (Counts(labels.NameAt(i), hideMetadata))
            {
                kept.Add(labels.NameAt(i));
                kept.Add(labels.ValueAt(i));
            }
        }

        return Labels.FromSortedPairs([.. kept]);
    }
}
