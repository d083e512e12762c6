namespace Deucalion.Benchmarks.Reports;

/// <summary>Puts a section between its markers on docs/benchmarks.md; the rest of the page stays.</summary>
internal static class ReportPage
{
    public static void Write(string page, string section, string text)
    {
        var begin = $"<!-- begin {section} -->";
        var end = $"<!-- end {section} -->";
        var old = File.Exists(page) ? File.ReadAllText(page) : string.Empty;
        var content = $"{begin}\n{text}\n{end}";
        var from = old.IndexOf(begin, StringComparison.Ordinal);
        var to = old.IndexOf(end, StringComparison.Ordinal);
        File.WriteAllText(page, from >= 0 && to > from ? old[..from] + content + old[(to + end.Length)..] : $"{old.TrimEnd()}\n\n{content}\n");
    }
}
