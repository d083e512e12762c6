using Deucalion.Common.Labels;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.PromQL.Operators.Info;

/// <summary>What the second argument of info() asks for.</summary>
internal sealed class InfoMatchers
{
    private readonly List<LabelMatcher> _names = [];
    private readonly List<LabelMatcher> _data = [];
    private readonly HashSet<string> _wanted = new(StringComparer.Ordinal);

    public InfoMatchers(IReadOnlyList<LabelMatcher> matchers)
    {
        var positive = false;
        foreach (var matcher in matchers)
        {
            if (matcher.Name == Labels.MetricName)
            {
                _names.Add(matcher);
                positive |= matcher.Type is MatchType.Equal or MatchType.Regex;
            }
            else
            {
                _data.Add(matcher);
                _wanted.Add(matcher.Name);
            }
        }

        if (_names.Count == 0)
        {
            _names.Add(new LabelMatcher(MatchType.Equal, Labels.MetricName, "target_info"));
        }
        else if (!positive)
        {
            _names.Add(new LabelMatcher(MatchType.Regex, Labels.MetricName, ".+_info"));
        }
    }

    /// <summary>Matchers of the info series.</summary>
    public IReadOnlyList<LabelMatcher> All => [.. _names, .. _data];

    /// <summary>Whether a series stays where there is no info about it.</summary>
    public bool KeepsUnmatched => _data.TrueForAll(static m => m.MatchesEmpty);

    /// <summary>Whether a series is an info metric itself.</summary>
    public bool IsInfo(Labels labels) => _names.TrueForAll(m => m.Matches(labels.Get(Labels.MetricName)));

    /// <summary>Whether a label of an info series is added.</summary>
    public bool Wants(string label) => label != Labels.MetricName && (_wanted.Count == 0 || _wanted.Contains(label));
}
