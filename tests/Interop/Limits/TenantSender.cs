using System.Globalization;
using System.Text.Json;
using Deucalion.Interop.Kit;
using Deucalion.Testing.RemoteWrite;
using Xunit;

namespace Deucalion.Interop.Limits;

/// <summary>Sends samples of one tenant and asks what is stored of it.</summary>
internal sealed class TenantSender(NodeProcess node, string tenant)
{
    /// <summary>Sends a sample of each of so many series at a time; status, text and the header Retry-After.</summary>
    public async Task<(int Status, string Text, string? RetryAfter)> SendAsync(int series, long time)
    {
        var request = new SeriesRequest();
        for (var i = 0; i < series; i++)
        {
            request.Add(i, time, i);
        }

        using var content = new ByteArrayContent(request.ToSnappy());
        content.Headers.ContentType = new("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/push", UriKind.Relative)) { Content = content };
        message.Headers.Add("X-Scope-OrgID", tenant);
        using var response = await node.Http.SendAsync(message, TestContext.Current.CancellationToken);
        var wait = response.Headers.TryGetValues("Retry-After", out var values) ? values.Single() : null;
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), wait);
    }

    /// <summary>Samples of the tenant that queries find.</summary>
    public async Task<long> StoredAsync()
    {
        var data = await GetAsync("/api/v1/query?query=sum(count_over_time(app_requests_total[1h]))");
        var result = data.GetProperty("result");
        return result.GetArrayLength() == 0 ? 0 : long.Parse(result[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
    }

    /// <summary>Asks as the tenant; the data of the answer.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        message.Headers.Add("X-Scope-OrgID", tenant);
        using var response = await node.Http.SendAsync(message, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{path} answered {(int)response.StatusCode}: {body}");
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("data").Clone();
    }
}
