using System.Buffers;
using System.Text;
using Deucalion.Common.Labels;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.Storage.Index;

/// <summary>Finds the postings of the values of one label that a matcher accepts, or rejects.</summary>
internal static class MatcherValues
{
    private static readonly SearchValues<char> RegexSyntax = SearchValues.Create(@"\.+*?()[]{}^$");

    /// <summary>Postings of all values for which the matcher's answer is <paramref name="answer"/>.</summary>
    public static List<PostingsRange> Collect(PostingsTable table, LabelMatcher matcher, bool answer, CancellationToken cancellationToken)
    {
        var found = new List<PostingsRange>();
        var literals = Literals(matcher);
        var negative = matcher.Type is MatchType.NotEqual or MatchType.NotRegex;
        if (literals is not null && answer != negative)
        {
            foreach (var literal in literals)
            {
                if (table.TryFind(matcher.Name, literal, out var range))
                {
                    found.Add(range);
                }
            }

            return found;
        }

        var all = matcher.Type is MatchType.Regex or MatchType.NotRegex && matcher.Value is ".*" or ".+";
        var values = table.Values(matcher.Name);
        while (values.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if ((all ? !negative : matcher.Matches(Encoding.UTF8.GetString(values.Value))) == answer)
            {
                found.Add(values.Range);
            }
        }

        return found;
    }

    // The finitely many values a matcher names, or null where it is a pattern.
    private static string[]? Literals(LabelMatcher matcher)
    {
        if (matcher.Type is MatchType.Equal or MatchType.NotEqual)
        {
            return [matcher.Value];
        }

        return matcher.Value.AsSpan().ContainsAny(RegexSyntax) ? null : matcher.Value.Split('|').Distinct().ToArray();
    }
}
