using System.Text.RegularExpressions;

namespace Deucalion.Interop.Kit;

/// <summary>Lines of a dump as promtool prints them.</summary>
public static partial class DumpLines
{
    /// <summary>
    /// What promtool prints of these lines, sorted: it loses the first sample of a series of float histograms, and the first two of a series of
    /// integer histograms, since it asks for the kinds one after the other and each question takes a sample.
    /// </summary>
    public static IReadOnlyList<string> AsPromtool(string dump)
    {
        var kept = new List<string>();
        var seen = new Dictionary<string, int>();
        foreach (var line in dump.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var series = Line().Match(line).Groups["labels"].Value;
            var before = seen.GetValueOrDefault(series);
            seen[series] = before + 1;
            var lost = series.Contains("kind=\"float\"", StringComparison.Ordinal) ? 1 : series.Contains("kind=\"integer\"", StringComparison.Ordinal) ? 2 : 0;
            if (before >= lost)
            {
                kept.Add(line);
            }
        }

        return [.. kept.Order(StringComparer.Ordinal)];
    }

    [GeneratedRegex("""^(?<labels>\{.*?\}) (\S+|\{count:.*\}) -?\d+$""")]
    private static partial Regex Line();
}
