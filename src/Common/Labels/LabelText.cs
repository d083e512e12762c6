using System.Buffers;
using System.Globalization;
using System.Text;

namespace Deucalion.Common.Labels;

/// <summary>
/// Text forms of label names and quoted strings as Prometheus prints them (Go's %q). A string that Go would hold as invalid UTF-8 has
/// its stray bytes as single low surrogates U+DC80 to U+DCFF; writers of UTF-8 replace those by U+FFFD.
/// </summary>
public static class LabelText
{
    // Printed as they are.
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(static c => (char)c).Where(static c => c is not ('"' or '\\'))]);

    /// <summary>Whether <paramref name="name"/> needs no quotes as a label name: <c>[a-zA-Z_][a-zA-Z0-9_]*</c>.</summary>
    public static bool IsLegacyLabelName(string name) => IsLegacy(name, colons: false);

    /// <summary>Whether <paramref name="name"/> needs no quotes as a metric name: label name characters and colons.</summary>
    public static bool IsLegacyMetricName(string name) => IsLegacy(name, colons: true);

    /// <summary>Whether <paramref name="name"/> may name a label or metric: any text that is not empty and can be UTF-8.</summary>
    public static bool IsValidName(string name) => name.Length > 0 && IsUtf8(name);

    /// <summary>Whether <paramref name="text"/> can be UTF-8: no surrogate stands alone.</summary>
    public static bool IsUtf8(ReadOnlySpan<char> text)
    {
        while (text.IndexOfAnyInRange('\uD800', '\uDFFF') is var at and >= 0)
        {
            if (Rune.DecodeFromUtf16(text[at..], out _, out _) != OperationStatus.Done)
            {
                return false;
            }

            text = text[(at + 2)..];
        }

        return true;
    }

    /// <summary>Appends the name, quoted where it must be.</summary>
    public static void AppendName(StringBuilder text, string name)
    {
        if (IsLegacyLabelName(name))
        {
            text.Append(name);
        }
        else
        {
            AppendQuoted(text, name);
        }
    }

    /// <summary>The string as Go's %q prints it.</summary>
    public static string Quote(string value)
    {
        var text = new StringBuilder(value.Length + 2);
        AppendQuoted(text, value);
        return text.ToString();
    }

    /// <summary>Appends the string as Go's %q prints it.</summary>
    public static void AppendQuoted(StringBuilder text, string value)
    {
        text.Append('"');
        for (var rest = value.AsSpan(); !rest.IsEmpty;)
        {
            var plain = rest.IndexOfAnyExcept(Plain);
            text.Append(plain < 0 ? rest : rest[..plain]);
            if (plain < 0)
            {
                break;
            }

            rest = rest[plain..];
            var status = Rune.DecodeFromUtf16(rest, out var rune, out var length);
            if (status != OperationStatus.Done && rest[0] is >= '\uDC80' and <= '\uDCFF')
            {
                text.Append("\\x").Append((rest[0] - 0xDC00).ToString("x2", CultureInfo.InvariantCulture));
                rest = rest[1..];
                continue;
            }

            rest = rest[length..];
            switch (rune.Value)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\a': text.Append("\\a"); break;
                case '\b': text.Append("\\b"); break;
                case '\f': text.Append("\\f"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case '\v': text.Append("\\v"); break;
                default: AppendRune(text, rune); break;
            }
        }

        text.Append('"');
    }

    private static void AppendRune(StringBuilder text, Rune rune)
    {
        if (IsPrintable(rune))
        {
            text.Append(rune.ToString());
        }
        else if (rune.Value < 0x80)
        {
            text.Append("\\x").Append(rune.Value.ToString("x2", CultureInfo.InvariantCulture));
        }
        else if (rune.Value < 0x10000)
        {
            text.Append("\\u").Append(rune.Value.ToString("x4", CultureInfo.InvariantCulture));
        }
        else
        {
            text.Append("\\U").Append(rune.Value.ToString("x8", CultureInfo.InvariantCulture));
        }
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    private static bool IsLegacy(string name, bool colons)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_' && !(colons && c == ':'))
            {
                return false;
            }
        }

        return true;
    }
}
