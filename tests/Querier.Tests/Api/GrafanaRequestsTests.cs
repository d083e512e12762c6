using System.Text.Json;
using Xunit;

namespace Deucalion.Querier.Tests.Api;

public sealed class GrafanaRequestsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("/prometheus")]
    public async Task Succeeds_ForWhatGrafanaSends(string prefix)
    {
        await using var host = await ApiHost.StartAsync(SampleData.Service());
        using var requests = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "fixtures", "grafana-requests.json")));
        var wrong = new List<string>();
        foreach (var request in requests.RootElement.EnumerateArray())
        {
            var line = $"{request.GetProperty("method").GetString()} {prefix}{request.GetProperty("path").GetString()}";
            line = request.TryGetProperty("body", out var form) ? $"{line} {form.GetString()}" : line;
            var (status, body) = await host.SendAsync(line, ("User-Agent", "Grafana/12.0.0"));
            if (status != 200 || !body.StartsWith("{\"status\":\"success\"", StringComparison.Ordinal)
                || !body.Contains(request.GetProperty("expect").GetString()!, StringComparison.Ordinal))
            {
                wrong.Add($"{request.GetProperty("use").GetString()}: {status} {body}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
