using System.Text;
using System.Text.RegularExpressions;

namespace Deucalion.PromQL.Functions.Labeling;

/// <summary>Replacement texts as Go's Regexp.Expand reads them: <c>$1</c>, <c>${1}</c>, <c>$name</c>, <c>${name}</c>, <c>$$</c>.</summary>
internal static class GoTemplate
{
    public static string Expand(string template, Match match)
    {
        var text = new StringBuilder();
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] != '$' || i + 1 == template.Length)
            {
                text.Append(template[i]);
            }
            else if (template[i + 1] == '$')
            {
                text.Append('$');
                i++;
            }
            else if (Reference(template, i, out var length) is { } name)
            {
                text.Append(GroupOf(match, name));
                i += length - 1;
            }
            else
            {
                text.Append('$');
            }
        }

        return text.ToString();
    }

    private static string? Reference(string template, int at, out int length)
    {
        var braces = template[at + 1] == '{';
        var start = at + (braces ? 2 : 1);
        var end = start;
        while (end < template.Length && (char.IsLetterOrDigit(template[end]) || template[end] == '_'))
        {
            end++;
        }

        length = end - at + (braces ? 1 : 0);
        return end == start || (braces && (end == template.Length || template[end] != '}')) ? null : template[start..end];
    }

    // A group that does not exist counts as empty.
    private static string GroupOf(Match match, string name) => match.Groups[name].Value;
}
