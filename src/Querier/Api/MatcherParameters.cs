using Deucalion.Common.Labels;
using Deucalion.PromQL.Parser;

namespace Deucalion.Querier.Api;

/// <summary>Reads the <c>match[]</c> parameters.</summary>
internal static class MatcherParameters
{
    /// <summary>The selectors; each has a matcher that does not match the empty string.</summary>
    /// <exception cref="ApiException">One is not valid; the message has no prefix.</exception>
    public static List<IReadOnlyList<LabelMatcher>> Parse(List<string> texts)
    {
        var sets = new List<IReadOnlyList<LabelMatcher>>(texts.Count);
        foreach (var text in texts)
        {
            try
            {
                sets.Add(PromQlParser.ParseMetricSelector(text));
            }
            catch (ParseException e)
            {
                throw ApiException.BadData(e.Message);
            }
        }

        foreach (var set in sets)
        {
            if (set.All(m => m.MatchesEmpty))
            {
                throw ApiException.BadData("match[] must contain at least one non-empty matcher");
            }
        }

        return sets;
    }
}
