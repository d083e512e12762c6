using System.Net;
using System.Text.Json;
using Deucalion.Testing.Processes;

namespace Deucalion.Interop.Kit;

/// <summary>One node as a process of its own, on a free port, over a data directory that may outlive it.</summary>
public sealed class NodeProcess : IDisposable
{
    private readonly ChildProcess _process;

    private NodeProcess(ChildProcess process, int port)
    {
        _process = process;
        Url = $"http://127.0.0.1:{port}";
        Port = port;
        Http = new HttpClient { BaseAddress = new Uri(Url), Timeout = TimeSpan.FromMinutes(2) };
    }

    public string Url { get; }

    public int Port { get; }

    public HttpClient Http { get; }

    public ChildProcess Process => _process;

    /// <summary>Path of the built node.</summary>
    public static string Program => NodeProgram.Path;

    public static string RepositoryRoot() => NodeProgram.RepositoryRoot();

    /// <summary>Starts a node and waits until it is ready.</summary>
    public static async Task<NodeProcess> StartAsync(string dataPath, string configuration = "", int? port = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var used = port ?? Ports.Free();
        var config = Path.Combine(Path.GetTempPath(), $"deucalion-{Guid.NewGuid():N}.yml");
        await File.WriteAllTextAsync(config, configuration);
        try
        {
            return await StartWithFileAsync(dataPath, config, used, environment);
        }
        finally
        {
            File.Delete(config);
        }
    }

    /// <summary>Starts a node with a configuration file that stays and waits until it is ready.</summary>
    public static async Task<NodeProcess> StartWithFileAsync(string dataPath, string file, int? port = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var used = port ?? Ports.Free();
        var node = new NodeProcess(new ChildProcess(Program, ["--config.file", file, "--data.path", dataPath, "--http.listen", $"127.0.0.1:{used}"], environment: environment), used);
        try
        {
            await node.ReadyAsync();
            return node;
        }
        catch
        {
            node.Dispose();
            throw;
        }
    }

    public async Task ReadyAsync() => await Eventually.TrueAsync(
        async () =>
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"the node ended; its output:\n{_process.Output}");
            }

            try
            {
                using var response = await Http.GetAsync(new Uri("/ready", UriKind.Relative));
                return response.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        TimeSpan.FromSeconds(60),
        () => $"the node is ready; its output:\n{_process.Output}");

    /// <summary>Asks a Prometheus API path and returns the data of a successful answer.</summary>
    public Task<JsonElement> GetDataAsync(string path) => PrometheusApi.GetDataAsync(Http, path);

    /// <summary>Cuts and ships everything.</summary>
    public async Task FlushAsync()
    {
        using var response = await Http.PostAsync(new Uri("/ingester/flush", UriKind.Relative), null);
        var body = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"flush answered {(int)response.StatusCode}: {body}");
        }
    }

    public void Dispose()
    {
        Http.Dispose();
        _process.Dispose();
    }
}
