using Deucalion.Common.Wire;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Etcd;

/// <summary>One member of an etcd on loopback, which keeps ports and data over a restart.</summary>
internal sealed class EtcdMember : IDisposable
{
    private readonly TemporaryDirectory _data = new();
    private readonly string[] _arguments;
    private readonly string[] _clientFlags;
    private ChildProcess? _process;

    private EtcdMember(string name, int clientPort, int peerPort, string cluster, WireTlsOptions? server, WireTlsOptions? client)
    {
        Address = $"127.0.0.1:{clientPort}";
        var scheme = server is null ? "http" : "https";
        Url = $"{scheme}://{Address}";
        _arguments =
        [
            "--name", name, "--data-dir", _data.Child("etcd"), "--listen-client-urls", Url, "--advertise-client-urls", Url,
            "--listen-peer-urls", $"http://127.0.0.1:{peerPort}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{peerPort}",
            "--initial-cluster", cluster, "--initial-cluster-state", "new", "--logger", "zap", "--log-level", "error",
            .. server is null ? Array.Empty<string>() : ["--cert-file", server.CertFile!, "--key-file", server.KeyFile!, "--trusted-ca-file", server.CaFile, "--client-cert-auth"],
        ];
        _clientFlags = client is null ? [] : ["--cacert", client.CaFile, "--cert", client.CertFile!, "--key", client.KeyFile!];
    }

    public string Address { get; }

    public string Url { get; }

    /// <summary>A member alone.</summary>
    public static async Task<EtcdMember> StartAsync(WireTlsOptions? server = null, WireTlsOptions? client = null)
    {
        var peerPort = Ports.Free();
        var member = new EtcdMember("m0", Ports.Free(), peerPort, $"m0=http://127.0.0.1:{peerPort}", server, client);
        member.Start();
        await member.ReadyAsync();
        return member;
    }

    /// <summary>Members of one cluster.</summary>
    public static async Task<EtcdMember[]> StartClusterAsync(int members)
    {
        var peers = Enumerable.Range(0, members).Select(static _ => Ports.Free()).ToArray();
        var cluster = string.Join(',', peers.Select(static (port, i) => $"m{i}=http://127.0.0.1:{port}"));
        var all = peers.Select((port, i) => new EtcdMember($"m{i}", Ports.Free(), port, cluster, null, null)).ToArray();
        foreach (var member in all)
        {
            member.Start();
        }

        foreach (var member in all)
        {
            await member.ReadyAsync();
        }

        return all;
    }

    public void Start() => _process = new ChildProcess(PeerPrograms.Etcd, _arguments);

    public async Task ReadyAsync()
    {
        var answer = string.Empty;
        await Eventually.TrueAsync(
            async () =>
            {
                var run = await RunAsync("endpoint", "health");
                answer = run.Output + run.Errors;
                return run.ExitCode == 0;
            },
            TimeSpan.FromSeconds(60),
            () => answer + _process!.Output);
    }

    public Task KillAsync() => _process!.KillAsync();

    /// <summary>Lets it stand still (19) or go on (18).</summary>
    public void Signal(int signal) => _process!.Signal(signal);

    /// <summary>etcdctl against this member; fails unless it succeeds.</summary>
    public async Task<string> ControlAsync(params string[] arguments)
    {
        var run = await RunAsync(arguments);
        Assert.True(run.ExitCode == 0, $"etcdctl {string.Join(' ', arguments)}: {run.Errors}{run.Output}");
        return run.Output;
    }

    public void Dispose()
    {
        _process?.Dispose();
        _data.Dispose();
    }

    private Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.RunAsync(PeerPrograms.Etcdctl, ["--endpoints", Url, .. _clientFlags, .. arguments]);
}
