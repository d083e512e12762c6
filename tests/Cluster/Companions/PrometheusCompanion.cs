using System.Globalization;
using System.Text.Json;
using Deucalion.Testing.Processes;

namespace Deucalion.Cluster.Companions;

/// <summary>A real Prometheus that scrapes itself every second and writes into the cluster, retrying as it does; afterwards the cluster has to hold what it holds.</summary>
internal sealed class PrometheusCompanion : IDisposable
{
    private const string Tenant = "prometheus";

    // Seconds that one comparison covers.
    private const int Span = 60;

    // Of a few scrapes.
    private const int FirstSamples = 2000;

    private readonly PrometheusProcess _prometheus;
    private readonly Uri _target;
    private readonly long _begun;

    private PrometheusCompanion(PrometheusProcess prometheus, Uri target)
    {
        _prometheus = prometheus;
        _target = target;
        _begun = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
    }

    public static async Task<PrometheusCompanion> StartAsync(string directory, Uri target) =>
        new(await PrometheusProcess.StartAsync(directory, port => Configuration(target, port, scrape: true)), target);

    /// <summary>Ends scraping and waits until everything was acknowledged; nothing may have been dropped.</summary>
    public async Task DrainAsync(TimeSpan limit)
    {
        // Its first samples leave some seconds after the start; a reload before that would end it before it began.
        await Eventually.TrueAsync(
            async () => await _prometheus.OwnMetricAsync("prometheus_remote_storage_samples_total") > FirstSamples, limit, () => $"Prometheus writes; its output:\n{_prometheus.Output}");
        await _prometheus.ReloadAsync(Configuration(_target, _prometheus.Port, scrape: false));
        var state = string.Empty;
        await Eventually.TrueAsync(
            async () =>
            {
                var pending = await _prometheus.OwnMetricAsync("prometheus_remote_storage_samples_pending");
                var newest = await _prometheus.OwnMetricAsync("prometheus_remote_storage_highest_timestamp_in_seconds");
                var sent = await _prometheus.OwnMetricAsync("prometheus_remote_storage_queue_highest_sent_timestamp_seconds");
                state = $"{pending} samples are pending, the newest is of {newest}, the newest that was sent of {sent}";
                return pending == 0 && newest > 0 && sent >= newest;
            },
            limit,
            () => $"Prometheus has sent everything: {state}; its output:\n{_prometheus.Output}");
        if (await _prometheus.OwnMetricAsync("prometheus_remote_storage_samples_failed_total") is not 0 and var failed)
        {
            throw new InvalidOperationException($"{failed} samples of Prometheus were refused; its output:\n{_prometheus.Output}");
        }
    }

    /// <summary>The first difference between what Prometheus holds and what a node answers, or null; says also how many samples were compared.</summary>
    public async Task<(string? Difference, long Samples)> CompareAsync(Uri node)
    {
        var end = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        using var http = new HttpClient { BaseAddress = node, Timeout = TimeSpan.FromMinutes(1) };
        http.DefaultRequestHeaders.Add("X-Scope-OrgID", Tenant);
        var samples = 0L;
        for (var time = _begun + Span; time < end + Span; time += Span)
        {
            var expected = await ReadAsync(_prometheus.Http, time);
            var actual = await ReadAsync(http, time);
            foreach (var (series, values) in expected)
            {
                if (!actual.TryGetValue(series, out var found) || !values.SequenceEqual(found))
                {
                    return ($"{node}: of the {values.Count} samples of {series} up to {time} there are {found?.Count ?? 0}, or others", samples);
                }

                samples += values.Count;
            }

            if (actual.Count != expected.Count)
            {
                return ($"{node}: {actual.Count} series up to {time} where Prometheus has {expected.Count}", samples);
            }
        }

        return (null, samples);
    }

    public void Dispose() => _prometheus.Dispose();

    private static string Configuration(Uri target, int port, bool scrape) => $$"""
        global: {scrape_interval: 1s, scrape_timeout: 1s}
        remote_write:
        - url: {{new Uri(target, "/api/v1/push")}}
          remote_timeout: 5s
          headers: {X-Scope-OrgID: {{Tenant}}}
          queue_config: {batch_send_deadline: 1s, min_backoff: 30ms, max_backoff: 1s, max_shards: 4}
        {{(scrape ? $"scrape_configs: [{{job_name: companion, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}]" : string.Empty)}}
        """;

    private static async Task<Dictionary<string, List<(double Time, double Value)>>> ReadAsync(HttpClient http, long time)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/api/v1/query?query={Uri.EscapeDataString($"{{job=\"companion\"}}[{Span}s]")}&time={time}");
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative));
        var body = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{http.BaseAddress}{path} was answered {(int)response.StatusCode}: {body}");
        }

        using var document = JsonDocument.Parse(body);
        return document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Where(static s => s.TryGetProperty("values", out _)).ToDictionary(
            static s => string.Join(',', s.GetProperty("metric").EnumerateObject().Select(static l => $"{l.Name}={l.Value.GetString()}").Order(StringComparer.Ordinal)),
            static s => s.GetProperty("values").EnumerateArray().Select(static v => (v[0].GetDouble(), Number(v[1].GetString()!))).ToList());
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}
