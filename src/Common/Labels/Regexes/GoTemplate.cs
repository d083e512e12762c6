using System.Text;

namespace Deucalion.Common.Labels.Regexes;

/// <summary>Replacement texts with <c>$1</c>, <c>${1}</c>, <c>$name</c>, <c>${name}</c> and <c>$$</c>, as Go's Regexp.Expand reads them.</summary>
internal static class GoTemplate
{
    /// <summary>Fills in groups; those that do not exist are empty.</summary>
    /// <param name="template">The text.</param>
    /// <param name="groups">Names of the groups by number.</param>
    /// <param name="valueOf">Value of a group, null where it took no part.</param>
    public static string Expand(string template, IReadOnlyList<string> groups, Func<int, string?> valueOf)
    {
        var result = new StringBuilder();
        var rest = template.AsSpan();
        while (rest.IndexOf('$') is var dollar and >= 0)
        {
            result.Append(rest[..dollar]);
            rest = rest[(dollar + 1)..];
            if (rest.StartsWith("$"))
            {
                result.Append('$');
                rest = rest[1..];
            }
            else if (TryReadName(ref rest, out var name))
            {
                result.Append(Value(name, groups, valueOf));
            }
            else
            {
                result.Append('$');
            }
        }

        return result.Append(rest).ToString();
    }

    private static string? Value(string name, IReadOnlyList<string> groups, Func<int, string?> valueOf)
    {
        var isNumber = name.All(char.IsAsciiDigit) && (name.Length == 1 || name[0] != '0');
        if (isNumber)
        {
            return name.Length <= 9 && int.Parse(name, System.Globalization.CultureInfo.InvariantCulture) is var number && number < groups.Count
                ? valueOf(number)
                : null;
        }

        for (var i = 0; i < groups.Count; i++)
        {
            if (groups[i] == name && valueOf(i) is { } value)
            {
                return value;
            }
        }

        return null;
    }

    private static bool TryReadName(ref ReadOnlySpan<char> rest, out string name)
    {
        var text = rest;
        var brace = text.StartsWith("{");
        text = brace ? text[1..] : text;
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Rune.IsLetter(rune) && !Rune.IsDigit(rune) && rune.Value != '_')
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        name = text[..length].ToString();
        if (length == 0 || (brace && (length >= text.Length || text[length] != '}')))
        {
            return false;
        }

        rest = text[(length + (brace ? 1 : 0))..];
        return true;
    }
}
