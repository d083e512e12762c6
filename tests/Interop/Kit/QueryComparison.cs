using System.Text.Json;

namespace Deucalion.Interop.Kit;

/// <summary>Asks a Prometheus and a node the same and collects where they differ.</summary>
public sealed class QueryComparison(HttpClient prometheus, HttpClient node)
{
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
        if (expected != actual)
        {
            Differences.Add($"{query} ({path.Split('?')[0]})\n  Prometheus: {Shortened(expected)}\n  here:       {Shortened(actual)}");
        }

        return answer;
    }

    private static string Shortened(string text) => text.Length > 1500 ? text[..1500] + "..." : text;
}
