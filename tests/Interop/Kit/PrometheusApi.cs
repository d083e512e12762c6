using System.Text.Json;

namespace Deucalion.Interop.Kit;

/// <summary>Requests to anything that speaks Prometheus's HTTP API.</summary>
public static class PrometheusApi
{
    public static async Task<JsonElement> GetDataAsync(HttpClient http, string path)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative));
        var body = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{http.BaseAddress}{path} answered {(int)response.StatusCode}: {body}");
        }

        using var document = JsonDocument.Parse(body);
        return document.RootElement.GetProperty("data").Clone();
    }

    public static string InstantPath(string query, double time) =>
        $"/api/v1/query?query={Uri.EscapeDataString(query)}&time={time.ToString("R", System.Globalization.CultureInfo.InvariantCulture)}";

    public static string RangePath(string query, double start, double end, double step) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"/api/v1/query_range?query={Uri.EscapeDataString(query)}&start={start:R}&end={end:R}&step={step:R}");
}
