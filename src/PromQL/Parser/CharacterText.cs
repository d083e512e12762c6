using System.Globalization;
using System.Text;
using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Parser;

/// <summary>Characters as error messages show them; -1 stands for the end of the input.</summary>
internal static class CharacterText
{
    /// <summary>Go's %q of a rune.</summary>
    public static string Quote(int rune)
    {
        var text = Rune.IsValid(rune) ? new Rune(rune).ToString() : "\uFFFD";
        if (text == "'")
        {
            return "'\\''";
        }

        return text == "\"" ? "'\"'" : $"'{LabelText.Quote(text)[1..^1]}'";
    }

    /// <summary>Go's %#U of a rune: U+0041 'A'.</summary>
    public static string Unicode(int rune)
    {
        var code = "U+" + rune.ToString("X4", CultureInfo.InvariantCulture);
        var text = Rune.IsValid(rune) ? new Rune(rune).ToString() : "\uFFFD";
        return LabelText.Quote(text).StartsWith("\"\\", StringComparison.Ordinal) && text is not ("\"" or "\\") ? code : $"{code} '{text}'";
    }
}
