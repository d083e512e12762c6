using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Deucalion.Node.Tests.Operations;

/// <summary>Files of this repository, and the names of the metrics that its sources register.</summary>
internal static class Repository
{
    private static readonly Lazy<string> Sources = new(static () => string.Concat(Directory.EnumerateFiles(PathOf("src"), "*.cs", SearchOption.AllDirectories)
        .Where(static f => !f.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText)));

    private static string Root { get; } = FindRoot();

    public static string PathOf(string path) => Path.Combine(Root, path);

    public static string Text(string path) => File.ReadAllText(PathOf(path));

    /// <summary>Whether a series of that name can exist: an instrument has the name, or a histogram the name without its suffix.</summary>
    public static bool HasMetric(string series) => IsRegistered(series)
        || new[] { "_bucket", "_count", "_sum" }.Any(suffix => series.EndsWith(suffix, StringComparison.Ordinal)
            && Regex.IsMatch(Sources.Value, $"CreateHistogram(<double>)?\\(\\s*\"{series[..^suffix.Length]}\""));

    /// <summary>Whether some source has this text.</summary>
    public static bool HasText(string text) => Sources.Value.Contains(text, StringComparison.Ordinal);

    private static bool IsRegistered(string name) => Sources.Value.Contains($"\"{name}\"", StringComparison.Ordinal);

    private static string FindRoot([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));
}
