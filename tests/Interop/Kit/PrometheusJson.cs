using System.Text.Json;

namespace Deucalion.Interop.Kit;

/// <summary>Results in a form that can be compared whatever the order of series.</summary>
public static class PrometheusJson
{
    /// <summary>Type, then one line a series, sorted where the order says nothing.</summary>
    public static string Canonical(JsonElement data, bool keepOrder)
    {
        var result = data.GetProperty("result");
        var lines = result.ValueKind == JsonValueKind.Array && result.GetArrayLength() > 0 && result[0].ValueKind == JsonValueKind.Object
            ? result.EnumerateArray().Select(Series)
            : [result.GetRawText()];
        if (!keepOrder)
        {
            lines = lines.Order(StringComparer.Ordinal);
        }

        return $"{data.GetProperty("resultType").GetString()}\n{string.Join('\n', lines)}";
    }

    /// <summary>Whether the result has at least one series or is a scalar.</summary>
    public static bool IsEmpty(JsonElement data) => data.GetProperty("result").GetArrayLength() == 0;

    /// <summary>Values of an instant vector in the order of the answer.</summary>
    public static IReadOnlyList<string> Values(JsonElement data) => [.. data.GetProperty("result").EnumerateArray().Select(static s => s.GetProperty("value")[1].GetString()!)];

    private static string Series(JsonElement series)
    {
        var labels = series.GetProperty("metric").EnumerateObject().Select(static p => $"{p.Name}={p.Value.GetString()}").Order(StringComparer.Ordinal);
        var rest = series.EnumerateObject().Where(static p => p.Name != "metric").Select(static p => $"{p.Name}:{p.Value.GetRawText()}");
        return $"{{{string.Join(',', labels)}}} {string.Join(' ', rest)}";
    }
}
