using System.Globalization;
using System.Net;

namespace Deucalion.Testing.Processes;

/// <summary>A real Prometheus on a free port.</summary>
public sealed class PrometheusProcess : IDisposable
{
    private readonly ChildProcess _process;
    private readonly string _configPath;

    private PrometheusProcess(ChildProcess process, int port, string configPath)
    {
        _process = process;
        _configPath = configPath;
        Port = port;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(2) };
    }

    public int Port { get; }

    public HttpClient Http { get; }

    /// <summary>What it has printed.</summary>
    public string Output => _process.Output;

    public static async Task<PrometheusProcess> StartAsync(string directory, Func<int, string> configuration, params string[] flags)
    {
        Directory.CreateDirectory(directory);
        var port = Ports.Free();
        var config = Path.Combine(directory, "prometheus.yml");
        await File.WriteAllTextAsync(config, configuration(port));
        var process = new ChildProcess(
            PeerPrograms.Prometheus,
            [$"--config.file={config}", $"--storage.tsdb.path={directory}/data", $"--web.listen-address=127.0.0.1:{port}", "--web.enable-lifecycle", "--web.enable-remote-write-receiver", .. flags]);
        var prometheus = new PrometheusProcess(process, port, config);
        await Eventually.TrueAsync(prometheus.IsReadyAsync, TimeSpan.FromSeconds(60), () => $"Prometheus is ready; its output:\n{process.Output}");
        return prometheus;
    }

    /// <summary>Replaces the configuration and makes Prometheus load it.</summary>
    public async Task ReloadAsync(string configuration)
    {
        await File.WriteAllTextAsync(_configPath, configuration);
        using var response = await Http.PostAsync(new Uri("/-/reload", UriKind.Relative), null);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Sum of one of Prometheus's own metrics over its label sets, read from /metrics.</summary>
    public async Task<double> OwnMetricAsync(string name)
    {
        var text = await Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return text.Split('\n')
            .Where(l => l.StartsWith(name, StringComparison.Ordinal) && (l[name.Length] is ' ' or '{'))
            .Sum(static l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>Kills the process: nothing is flushed or closed.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Stops the process in order.</summary>
    public Task StopAsync() => _process.TerminateAsync();

    public void Dispose()
    {
        Http.Dispose();
        _process.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"Prometheus ended; its output:\n{_process.Output}");
        }

        try
        {
            using var response = await Http.GetAsync(new Uri("/-/ready", UriKind.Relative));
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
