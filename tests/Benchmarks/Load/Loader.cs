using System.Net;

namespace Deucalion.Benchmarks.Load;

/// <summary>Sends a fleet's samples over several connections as fast as they are acknowledged, all connections within two steps of each other.</summary>
internal static class Loader
{
    private const int Connections = 4;
    private const int SeriesPerRequest = 2000;

    /// <summary>Sends <paramref name="steps"/> samples of each series, 15 s of data time apart; returns the number of samples sent.</summary>
    public static Task<long> RunAsync(Uri url, int series, int steps, long startSeconds) => RunAsync(url, series, steps, startSeconds, null);

    /// <summary>The same, with more requests a step.</summary>
    public static async Task<long> RunAsync(Uri url, int series, int steps, long startSeconds, Func<int, IEnumerable<byte[]>>? beside)
    {
        var fleet = new Fleet(series);
        var templates = Enumerable.Range(0, (series + SeriesPerRequest - 1) / SeriesPerRequest)
            .Select(b => new RequestTemplate(fleet, b * SeriesPerRequest, Math.Min(SeriesPerRequest, series - (b * SeriesPerRequest)))).ToList();
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Connections }) { Timeout = TimeSpan.FromMinutes(2) };
        using var pace = new Barrier(Connections);
        long sent = 0;
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(connection => Task.Factory.StartNew(
            () =>
            {
                for (var step = 0; step < steps; step++)
                {
                    if (connection == 0 && beside is not null)
                    {
                        foreach (var request in beside(step))
                        {
                            Send(http, url, request);
                        }
                    }

                    for (var b = connection; b < templates.Count; b += Connections)
                    {
                        Send(http, url, templates[b].Encode(fleet, step, (startSeconds + (step * 15L)) * 1000));
                        Interlocked.Add(ref sent, templates[b].Count);
                    }

                    if ((step & 1) == 1)
                    {
                        pace.SignalAndWait();
                    }
                }
            },
            TaskCreationOptions.LongRunning)));
        return sent;
    }

    /// <summary>Whether a server accepts a request.</summary>
    public static async Task<bool> IsTakenAsync(Uri url, byte[] body)
    {
        using var http = new HttpClient();
        using var request = Request(url, body);
        using var response = await http.SendAsync(request);
        return response.IsSuccessStatusCode;
    }

    private static HttpRequestMessage Request(Uri url, byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/x-protobuf");
        request.Content.Headers.ContentEncoding.Add("snappy");
        request.Headers.Add("X-Prometheus-Remote-Write-Version", "0.1.0");
        return request;
    }

    private static void Send(HttpClient http, Uri url, byte[] body)
    {
        while (true)
        {
            using var request = Request(url, body);
            using var response = http.Send(request);
            if (response.IsSuccessStatusCode)
            {
                return;
            }

            if (response.StatusCode < HttpStatusCode.InternalServerError)
            {
                using var reader = new StreamReader(response.Content.ReadAsStream());
                throw new InvalidOperationException($"{url} answered {(int)response.StatusCode}: {reader.ReadToEnd()}");
            }
        }
    }
}
