using System.Globalization;
using System.Text;

namespace Deucalion.Querier.Api;

/// <summary>Undoes the escaping of label names that are no plain identifiers (<c>U__http_2e_status</c> for <c>http.status</c>).</summary>
internal static class LabelNameEscaping
{
    private const string Prefix = "U__";
    private const int MaxHexDigits = 6;

    /// <summary>The name meant; a name that is not escaped, or badly, comes back as it is.</summary>
    public static string Unescape(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return name;
        }

        var result = new StringBuilder(name.Length);
        for (var i = Prefix.Length; i < name.Length; i++)
        {
            if (name[i] != '_')
            {
                result.Append(name[i]);
                continue;
            }

            i++;
            if (i < name.Length && name[i] == '_')
            {
                result.Append('_');
                continue;
            }

            var end = i < name.Length ? name.IndexOf('_', i) : -1;
            if (end <= i || end - i > MaxHexDigits
                || !int.TryParse(name.AsSpan(i, end - i), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                || !Rune.IsValid(code))
            {
                return name;
            }

            result.Append(new Rune(code).ToString());
            i = end;
        }

        return result.ToString();
    }
}
