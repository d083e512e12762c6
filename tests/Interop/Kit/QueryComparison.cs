using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Deucalion.Interop.Kit;

/// <summary>
/// Asks a Prometheus and a node the same and collects where they differ. Numbers may differ in their last digits: releases of Prometheus differ
/// in how they compensate sums of histograms.
/// </summary>
public sealed partial class QueryComparison(HttpClient prometheus, HttpClient node)
{
    private const double Tolerance = 1e-10;

    /// <summary>Description of each answer that differs.</summary>
    public List<string> Differences { get; } = [];

    /// <summary>Queries that answered something, at one time as well as over a range.</summary>
    public int NotEmpty { get; private set; }

    /// <summary>Queries that answered nothing.</summary>
    public List<string> Empty { get; } = [];

    public async Task CompareAsync(string query, double start, double end, double step)
    {
        var instant = await BothAsync(query, PrometheusApi.InstantPath(query, end), query.StartsWith("sort", StringComparison.Ordinal));
        var range = await BothAsync(query, PrometheusApi.RangePath(query, start, end, step), keepOrder: false);
        if (PrometheusJson.IsEmpty(instant) || PrometheusJson.IsEmpty(range))
        {
            Empty.Add(query);
        }
        else
        {
            NotEmpty++;
        }
    }

    private async Task<JsonElement> BothAsync(string query, string path, bool keepOrder)
    {
        var answer = await PrometheusApi.GetDataAsync(prometheus, path);
        var expected = PrometheusJson.Canonical(answer, keepOrder);
        var actual = PrometheusJson.Canonical(await PrometheusApi.GetDataAsync(node, path), keepOrder);
        if (!Alike(expected, actual))
        {
            var at = FirstDifference(expected, actual);
            Differences.Add($"{query} ({path.Split('?')[0]})\n  Prometheus: {Around(expected, at)}\n  here:       {Around(actual, at)}");
        }

        return answer;
    }

    /// <summary>Whether two canonical answers differ in the last digits of numbers at most.</summary>
    public static bool Alike(string expected, string actual)
    {
        if (expected == actual)
        {
            return true;
        }

        if (Number().Replace(expected, "#") != Number().Replace(actual, "#"))
        {
            return false;
        }

        return Number().Matches(expected).Zip(Number().Matches(actual), static (e, a) => Near(e.ValueSpan[1..^1], a.ValueSpan[1..^1])).All(static near => near);
    }

    private static bool Near(ReadOnlySpan<char> expected, ReadOnlySpan<char> actual)
    {
        var (e, a) = (double.Parse(expected, CultureInfo.InvariantCulture), double.Parse(actual, CultureInfo.InvariantCulture));
        return Math.Abs(e - a) <= Tolerance * Math.Max(Math.Abs(e), Math.Abs(a));
    }

    [GeneratedRegex("\"-?\\d+(\\.\\d+)?(e[+-]\\d+)?\"")]
    private static partial Regex Number();

    // The first number that is not near, or the first character where it is not only numbers that differ.
    private static int FirstDifference(string expected, string actual)
    {
        foreach (var (e, a) in Number().Matches(expected).Zip(Number().Matches(actual)))
        {
            if (!Near(e.ValueSpan[1..^1], a.ValueSpan[1..^1]))
            {
                return Math.Min(e.Index, a.Index);
            }
        }

        return 0;
    }

    private static string Around(string text, int at) => text[Math.Clamp(at - 500, 0, text.Length)..Math.Min(text.Length, at + 500)];
}
