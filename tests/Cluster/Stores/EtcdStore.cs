using Deucalion.Cluster.Network;
using Deucalion.Testing.Processes;

namespace Deucalion.Cluster.Stores;

/// <summary>A real etcd for coordination; blocks lie in a shared directory, which stays.</summary>
internal sealed class EtcdStore(string directory, FaultNetwork network) : ClusterStore
{
    private readonly int _port = Ports.Free();
    private readonly int _peerPort = Ports.Free();
    private readonly SharedDirectory _shared = new(Path.Combine(directory, "files"));
    private ChildProcess? _process;

    public override StoreKind Kind => StoreKind.Etcd;

    public override async Task StartAsync()
    {
        var url = $"http://127.0.0.1:{_port}";
        var peerUrl = $"http://127.0.0.1:{_peerPort}";
        _process = new ChildProcess(
            "etcd",
            [
                "--name", "one", "--data-dir", Path.Combine(directory, "data"), "--listen-client-urls", url, "--advertise-client-urls", url,
                "--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl, "--initial-cluster", $"one={peerUrl}",
            ],
            directory,
            null,
            Path.Combine(directory, "etcd.log"));
        using var http = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(5) };
        await Eventually.TrueAsync(() => IsHealthyAsync(http), TimeSpan.FromSeconds(30), () => $"etcd is healthy; its output:\n{_process.Output}");
    }

    public override Dictionary<string, string> SettingsFor(string node) => new()
    {
        ["bucket.path"] = Path.Combine(_shared.PathOf(node), "bucket"),
        ["coordination.kind"] = "etcd",
        ["coordination.etcd.endpoints"] = $"127.0.0.1:{network.ListenFrom(node, LinkName, _port)}",
    };

    public override void CutFrom(string node) => network.Cut(node, LinkName);

    public override void GiveBackTo(string node) => network.Heal(node, LinkName);

    public override async Task KillAsync()
    {
        await _process!.KillAsync();
        _process.Dispose();
        _process = null;
    }

    public override Task ReviveAsync() => StartAsync();

    public override void Dispose() => _process?.Dispose();

    private static async Task<bool> IsHealthyAsync(HttpClient http)
    {
        try
        {
            return (await http.GetStringAsync(new Uri("/health", UriKind.Relative))).Contains("true", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
