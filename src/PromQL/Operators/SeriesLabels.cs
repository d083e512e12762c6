using Deucalion.Common.Labels;
using Deucalion.PromQL.Sources;

namespace Deucalion.PromQL.Operators;

/// <summary>
/// The labels of a series: a set of its own, or the place of the series in what was selected. Then no object stands for them until somebody looks at
/// the <see cref="Whole"/>; most of a query looks at some labels only. Valid as long as the query.
/// </summary>
internal readonly struct SeriesLabels
{
    private readonly Labels? _whole;
    private readonly ISeriesSet? _set;
    private readonly int _index;

    private SeriesLabels(Labels whole)
    {
        _whole = whole;
    }

    public SeriesLabels(ISeriesSet set, int index)
    {
        _set = set;
        _index = index;
    }

    /// <summary>The label set, made for the call where there is none yet.</summary>
    public Labels Whole => _whole ?? _set!.LabelsAt(_index);

    /// <summary>What the pairs of <see cref="Numbers"/> are; null where the labels are a set of their own.</summary>
    public LabelPairs? Pairs => _set?.Pairs;

    /// <summary>The numbers of the pairs, in order of their names.</summary>
    public ReadOnlySpan<int> Numbers => _set!.PairsAt(_index);

    public static implicit operator SeriesLabels(Labels whole) => new(whole);

    /// <summary>Value of the label, or the empty string where it is absent.</summary>
    public string Get(string name)
    {
        if (_whole is not null)
        {
            return _whole.Get(name);
        }

        var pairs = _set!.Pairs;
        var wanted = pairs.FindName(name);
        foreach (var pair in wanted < 0 ? default : Numbers)
        {
            if (pairs.NameOf(pair) == wanted)
            {
                return pairs.ValueOf(pair);
            }
        }

        return string.Empty;
    }
}
