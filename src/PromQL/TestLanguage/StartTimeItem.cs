using System.Globalization;
using System.Text.RegularExpressions;
using Deucalion.Common.Text;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>Some positions of a start time line: <c>_</c>, <c>_x3</c>, <c>-5s</c>, <c>-5sx3</c>, <c>-5s+1sx3</c>; offsets in milliseconds.</summary>
internal readonly partial record struct StartTimeItem(long? Start, long Delta, int Count)
{
    public static StartTimeItem Parse(string word, int line)
    {
        var match = Pattern().Match(word);
        if (!match.Success)
        {
            throw new ScriptException(line, $"bad start time {word}");
        }

        var times = match.Groups["n"].Success ? int.Parse(match.Groups["n"].Value, CultureInfo.InvariantCulture) : 0;
        return match.Groups["missing"].Success
            ? new StartTimeItem(null, 0, Math.Max(1, times))
            : new StartTimeItem(
                Read(match.Groups["minus"].Value, match.Groups["start"].Value),
                match.Groups["delta"].Success ? Read(match.Groups["sign"].Value, match.Groups["delta"].Value) : 0,
                times + 1);
    }

    private static long Read(string sign, string duration)
    {
        var milliseconds = duration == "0" ? 0 : DurationText.Parse(duration);
        return sign == "-" ? -milliseconds : milliseconds;
    }

    [GeneratedRegex("^(?:(?<missing>_)|(?<minus>[+-]?)(?<start>[0-9]+(?:ms|[smhdwy])|0)(?:(?<sign>[+-])(?<delta>[0-9]+(?:ms|[smhdwy])))?)(?:x(?<n>[0-9]+))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
