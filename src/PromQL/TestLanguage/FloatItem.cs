using System.Globalization;
using System.Text.RegularExpressions;
using Deucalion.Common.Samples;
using Deucalion.Common.Text;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>Some positions of a series line: <c>_</c>, <c>_x3</c>, <c>5</c>, <c>5x3</c>, <c>1+2x3</c>, <c>stale</c>.</summary>
internal readonly partial record struct FloatItem(bool Present, double Value, double Delta, int Count)
{
    private const string Number = @"(?:(?:\d+(?:ms|[smhdwy]))+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[iI][nN][fF]|[nN][aA][nN])";

    public static FloatItem Parse(string word, int line)
    {
        if (word == "stale")
        {
            return new FloatItem(true, SpecialValues.StaleNaN, 0, 1);
        }

        var match = Pattern().Match(word);
        if (!match.Success)
        {
            throw new ScriptException(line, $"bad value {word}");
        }

        var times = match.Groups["n"].Success ? int.Parse(match.Groups["n"].Value, CultureInfo.InvariantCulture) : 0;
        if (match.Groups["missing"].Success)
        {
            return new FloatItem(false, 0, 0, Math.Max(1, times));
        }

        var value = Read(match.Groups["value"].Value, line);
        var delta = match.Groups["delta"].Success ? Read(match.Groups["delta"].Value, line) : 0;
        return new FloatItem(
            true,
            match.Groups["minus"].Value == "-" ? -value : value,
            match.Groups["sign"].Value == "-" ? -delta : delta,
            times + 1);
    }

    private static double Read(string text, int line)
    {
        if (GoNumber.TryParseFloat(text, out var value))
        {
            return double.IsNaN(value) ? BitConverter.Int64BitsToDouble(SpecialValues.NormalNaNBits) : value;
        }

        return DurationText.TryParse(text, out var milliseconds, out var error)
            ? milliseconds / 1000.0
            : throw new ScriptException(line, error);
    }

    [GeneratedRegex("^(?:(?<missing>_)|(?<minus>[+-]?)(?<value>" + Number + ")(?:(?<sign>[+-])(?<delta>" + Number + "))?)(?:x(?<n>[0-9]+))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
