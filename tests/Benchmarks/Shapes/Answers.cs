using System.Globalization;
using System.Text.Json;

namespace Deucalion.Benchmarks.Shapes;

/// <summary>Compares what two servers answer.</summary>
internal static class Answers
{
    private const double Tolerance = 1e-9;

    /// <summary>The points of an answer by series.</summary>
    public static Dictionary<string, List<(double Time, double Value)>> Read(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        var data = document.RootElement.GetProperty("data");
        var result = new Dictionary<string, List<(double Time, double Value)>>();
        foreach (var series in data.GetProperty("result").EnumerateArray())
        {
            var labels = series.GetProperty("metric").EnumerateObject().Select(static p => $"{p.Name}={p.Value.GetString()}").Order(StringComparer.Ordinal);
            var points = series.TryGetProperty("values", out var values) ? values.EnumerateArray().Select(Point) : [Point(series.GetProperty("value"))];
            result.Add(string.Join(',', labels), [.. points]);
        }

        return result;
    }

    /// <summary>What differs first, or null.</summary>
    public static string? Difference(Dictionary<string, List<(double Time, double Value)>> ours, Dictionary<string, List<(double Time, double Value)>> theirs)
    {
        if (ours.Count != theirs.Count)
        {
            return $"{ours.Count} series, not {theirs.Count}";
        }

        foreach (var (labels, points) in ours)
        {
            if (!theirs.TryGetValue(labels, out var others) || others.Count != points.Count)
            {
                return $"{{{labels}}}: {points.Count} points, not {others?.Count ?? 0}";
            }

            for (var i = 0; i < points.Count; i++)
            {
                var (a, b) = (points[i], others[i]);
                if (a.Time != b.Time || (!a.Value.Equals(b.Value) && !(Math.Abs(a.Value - b.Value) <= Tolerance * Math.Max(Math.Abs(a.Value), Math.Abs(b.Value)))))
                {
                    return $"{{{labels}}}: {a}, not {b}";
                }
            }
        }

        return null;
    }

    private static (double Time, double Value) Point(JsonElement pair) =>
        (pair[0].GetDouble(), double.Parse(pair[1].GetString()!.Replace("Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture));
}
