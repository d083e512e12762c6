using System.Buffers;
using Deucalion.Common.Labels;
using Deucalion.Common.Memory;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.Storage.Head.Index;

/// <summary>
/// A matcher evaluated over the values of its label: a series must, or must not, have one of a set of pairs. Valid while the reader that made it
/// stays registered.
/// </summary>
internal sealed class SeriesFilter
{
    private static readonly SearchValues<char> Metacharacters = SearchValues.Create("\\.+*?()|[]{}^$");

    private readonly HashSet<int>? _pairs;
    private readonly int _single;
    private readonly int _nameSymbol;

    private SeriesFilter(bool required, HashSet<int>? pairs, int single, int nameSymbol)
    {
        Required = required;
        _pairs = pairs;
        _single = single;
        _nameSymbol = nameSymbol;
    }

    /// <summary>Whether a series must have one of the pairs; else it must have none.</summary>
    public bool Required { get; }

    /// <summary>Evaluates a matcher. Null where every series satisfies it.</summary>
    public static SeriesFilter? Of(LabelMatcher matcher, LabelIndex index, CancellationToken cancellationToken)
    {
        var name = index.Name(matcher.Name);
        var matchesEmpty = matcher.MatchesEmpty;
        if (name is null)
        {
            return matchesEmpty ? null : new SeriesFilter(true, null, 0, 0);
        }

        var pairs = name.Pairs;
        if (matcher.Type is MatchType.Equal or MatchType.NotEqual)
        {
            if (matcher.Value.Length == 0)
            {
                return new SeriesFilter(!matchesEmpty, null, 0, pairs.Length == 0 ? 0 : index[pairs[0]].NameSymbol);
            }

            var pair = index.FindPair(matcher.Name, matcher.Value);
            return pair == 0 && matchesEmpty ? null : new SeriesFilter(!matchesEmpty, null, pair, 0);
        }

        if (matcher.Value == ".*")
        {
            return matcher.Type == MatchType.Regex ? null : new SeriesFilter(true, null, 0, 0);
        }

        if (matcher.Value == ".+")
        {
            return new SeriesFilter(!matchesEmpty, null, 0, pairs.Length == 0 ? 0 : index[pairs[0]].NameSymbol);
        }

        var set = Literals(matcher, index, matchesEmpty) ?? Evaluate(matcher, index, pairs, matchesEmpty, cancellationToken);
        return set.Count == 0 && matchesEmpty ? null : new SeriesFilter(!matchesEmpty, set, 0, 0);
    }

    /// <summary>Whether a series with these pairs satisfies the matcher.</summary>
    public bool Matches(ReadOnlySpan<int> pairs, LabelIndex index)
    {
        if (_pairs is not null)
        {
            foreach (var pair in pairs)
            {
                if (_pairs.Contains(pair))
                {
                    return Required;
                }
            }

            return !Required;
        }

        if (_nameSymbol == 0)
        {
            return pairs.Contains(_single) == Required;
        }

        foreach (var pair in pairs)
        {
            if (index[pair].NameSymbol == _nameSymbol)
            {
                return Required;
            }
        }

        return !Required;
    }

    /// <summary>How many series have one of the pairs.</summary>
    public long Count(string name, LabelIndex index)
    {
        long count = 0;
        foreach (var pair in Pairs(name, index))
        {
            count += index[pair].Count;
        }

        return count;
    }

    /// <summary>Adds the series that have one of the pairs; a series has one value of a label, so none comes twice.</summary>
    public void CopySeries(string name, LabelIndex index, PooledColumn<int> destination)
    {
        foreach (var pair in Pairs(name, index))
        {
            index.CopySeries(pair, destination);
        }
    }

    private IEnumerable<int> Pairs(string name, LabelIndex index)
    {
        if (_pairs is not null)
        {
            return _pairs;
        }

        if (_nameSymbol != 0)
        {
            return index.Name(name) is { } entry ? entry.Pairs.ToArray() : [];
        }

        return _single == 0 ? [] : [_single];
    }

    // Alternatives of plain text need no look at the other values.
    private static HashSet<int>? Literals(LabelMatcher matcher, LabelIndex index, bool matchesEmpty)
    {
        if (matchesEmpty != (matcher.Type == MatchType.NotRegex))
        {
            return null;
        }

        var pairs = new HashSet<int>();
        foreach (var literal in matcher.Value.Split('|'))
        {
            if (literal.AsSpan().ContainsAny(Metacharacters))
            {
                return null;
            }

            var pair = index.FindPair(matcher.Name, literal);
            if (pair != 0)
            {
                pairs.Add(pair);
            }
        }

        return pairs;
    }

    private static HashSet<int> Evaluate(LabelMatcher matcher, LabelIndex index, ReadOnlySpan<int> pairs, bool matchesEmpty, CancellationToken cancellationToken)
    {
        var set = new HashSet<int>();
        foreach (var pair in pairs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (matcher.Matches(index.TransientValue(pair)) != matchesEmpty)
            {
                set.Add(pair);
            }
        }

        return set;
    }
}
