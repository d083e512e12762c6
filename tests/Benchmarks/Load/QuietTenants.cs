using System.Diagnostics;
using System.Net;
using Deucalion.Benchmarks.Servers;

namespace Deucalion.Benchmarks.Load;

/// <summary>Tenants that push a few series and ask for one of them, one tenant after the other.</summary>
internal sealed class QuietTenants(Server server, int tenants, int series)
{
    private readonly Fleet _fleet = new(series);
    private readonly long _start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private int _step;

    /// <summary>Pushes and queries that were not answered with success.</summary>
    public int Failures { get; private set; }

    /// <summary>Milliseconds of so many pushes and queries.</summary>
    public async Task<Latencies> MeasureAsync(int runs, TimeSpan pause)
    {
        var template = new RequestTemplate(_fleet, 0, series);
        var times = new Latencies();
        for (var i = 0; i < runs; i++)
        {
            var tenant = $"quiet-{i % tenants}";
            var now = _start + (_step * 10L);
            var body = template.Encode(_fleet, _step++, now);
            var clock = Stopwatch.StartNew();
            var push = await PushAsync(server, tenant, body);
            var pushed = clock.Elapsed;
            using var question = new HttpRequestMessage(
                HttpMethod.Get, new Uri($"/api/v1/query?time={now / 1000.0:F3}&query={Uri.EscapeDataString($"http_requests_total{{pod=\"{Fleet.PodName(0)}\",handler=\"/api/v1/cart\"}}")}", UriKind.Relative));
            question.Headers.Add("X-Scope-OrgID", tenant);
            clock.Restart();
            using var answer = await server.Http.SendAsync(question);
            _ = await answer.Content.ReadAsByteArrayAsync();
            times.Add(pushed, clock.Elapsed);
            Failures += (push is HttpStatusCode.NoContent ? 0 : 1) + (answer.IsSuccessStatusCode ? 0 : 1);
            await Task.Delay(pause);
        }

        return times;
    }

    /// <summary>Sends a request of a tenant.</summary>
    public static async Task<HttpStatusCode> PushAsync(Server server, string tenant, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, server.WriteUrl) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/x-protobuf");
        request.Content.Headers.ContentEncoding.Add("snappy");
        request.Headers.Add("X-Scope-OrgID", tenant);
        using var response = await server.Http.SendAsync(request);
        return response.StatusCode;
    }
}
