using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Deucalion.Cluster.Load;
using Deucalion.Cluster.Nodes;

namespace Deucalion.Cluster.Checking;

/// <summary>Asks nodes over HTTP. Thread-safe.</summary>
internal sealed class ClusterClient : IDisposable
{
    // Longer than a node is ever paused: what it answers once it goes on is judged as well.
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(45) };

    /// <summary>All samples of a sender from the first step up to the end, which is left out: a range selector, which shows every single sample.</summary>
    public Task<Answer> SamplesAsync(Uri url, LoadGenerator load, int sender, long first, long end, CancellationToken cancellationToken)
    {
        var range = (end - first) * (long)load.Options.Interval.TotalMilliseconds;
        var query = string.Create(CultureInfo.InvariantCulture, $"{LoadSeries.Metric}{{sender=\"{sender}\"}}[{range}ms]");
        return AskAsync(url, LoadSeries.TenantOf(sender), $"/api/v1/query?query={Uri.EscapeDataString(query)}&time={Seconds(load.TimeOf(end - 1))}", cancellationToken);
    }

    /// <summary>The same steps through <c>query_range</c>, with a point at the time of each step.</summary>
    public Task<Answer> PointsAsync(Uri url, LoadGenerator load, int sender, long first, long end, CancellationToken cancellationToken)
    {
        var query = string.Create(CultureInfo.InvariantCulture, $"{LoadSeries.Metric}{{sender=\"{sender}\"}}");
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"/api/v1/query_range?query={Uri.EscapeDataString(query)}&start={Seconds(load.TimeOf(first))}&end={Seconds(load.TimeOf(end - 1))}&step={load.Options.Interval.TotalSeconds:R}");
        return AskAsync(url, LoadSeries.TenantOf(sender), path, cancellationToken);
    }

    /// <summary>Asks any path that answers in Prometheus's envelope.</summary>
    public async Task<Answer> AskAsync(Uri url, string tenant, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, path));
        request.Headers.Add("X-Scope-OrgID", tenant);
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                return new Answer.Error((int)response.StatusCode, body);
            }

            using var document = JsonDocument.Parse(body);
            return new Answer.Data(document.RootElement.GetProperty("data").Clone());
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new Answer.None(e.Message);
        }
    }

    /// <summary>The data of a path of the cluster API; an exception where it is not answered.</summary>
    public async Task<JsonElement> DataAsync(IClusterNode node, string path, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(node.Url, "anonymous", path, cancellationToken);
        return answer is Answer.Data data ? data.Json : throw new HttpRequestException($"{node.Name} did not answer {path}: {answer}");
    }

    /// <summary>What a node shows of a counter, all its series together; an exception where it does not answer.</summary>
    public async Task<long> CounterAsync(IClusterNode node, string name, CancellationToken cancellationToken)
    {
        var text = await _http.GetStringAsync(new Uri(node.Url, "/metrics"), cancellationToken);
        return text.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is '{' or ' ')
            .Sum(static line => (long)double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    public void Dispose() => _http.Dispose();

    private static string Seconds(long milliseconds) => (milliseconds / 1000.0).ToString("R", CultureInfo.InvariantCulture);
}
