using Deucalion.Cluster.Nodes;
using Deucalion.Testing.Processes;

namespace Deucalion.Cluster.Stores;

/// <summary>
/// Ceph's S3 gateway over one monitor and one storage daemon that keeps everything in memory: a real S3 server with atomic conditional writes.
/// The gateway alone is killed and started again; what was stored stays.
/// </summary>
internal sealed class ObjectGateway(string directory) : IDisposable
{
    public const string AccessKey = "deucalion";
    public const string SecretKey = "a-secret-of-tests";

    private readonly int _monitorPort = ClusterPorts.Next();
    private readonly List<ChildProcess> _daemons = [];
    private ChildProcess? _gateway;

    public int Port { get; } = ClusterPorts.Next();

    private string Configuration => Path.Combine(directory, "ceph.conf");

    public async Task StartAsync()
    {
        foreach (var folder in new[] { "monitor", "storage", "gateway", "run" })
        {
            Directory.CreateDirectory(Path.Combine(directory, folder));
        }

        var cluster = Guid.NewGuid().ToString();
        var storage = Guid.NewGuid().ToString();
        await File.WriteAllTextAsync(Configuration, ConfigurationText(cluster));
        var map = Path.Combine(directory, "monitors");
        await RunAsync("monmaptool", "--create", "--addv", "a", $"[v1:127.0.0.1:{_monitorPort}]", "--fsid", cluster, map);
        await RunAsync("ceph-mon", "-c", Configuration, "-i", "a", "--mkfs", "--monmap", map);
        _daemons.Add(Daemon("ceph-mon", "-i", "a"));
        await RunAsync("ceph", "-c", Configuration, "osd", "new", storage, "0");
        await RunAsync("ceph-osd", "-c", Configuration, "-i", "0", "--mkfs", "--osd-uuid", storage);
        _daemons.Add(Daemon("ceph-osd", "-i", "0"));
        await RunAsync("radosgw-admin", "-c", Configuration, "user", "create", "--uid=tests", "--display-name=tests", $"--access-key={AccessKey}", $"--secret-key={SecretKey}");
        await StartGatewayAsync();
    }

    public async Task StartGatewayAsync()
    {
        _gateway = Daemon("radosgw", "-n", "client.rgw");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}"), Timeout = TimeSpan.FromSeconds(5) };
        await Eventually.TrueAsync(() => AnswersAsync(http), TimeSpan.FromSeconds(60), () => $"the S3 gateway answers; its output:\n{_gateway.Output}");
    }

    public async Task KillGatewayAsync()
    {
        await _gateway!.KillAsync();
        _gateway.Dispose();
        _gateway = null;
    }

    public void Dispose()
    {
        _gateway?.Dispose();
        foreach (var daemon in _daemons)
        {
            daemon.Dispose();
        }
    }

    private static async Task<bool> AnswersAsync(HttpClient http)
    {
        try
        {
            using var response = await http.GetAsync(new Uri("/", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private ChildProcess Daemon(string program, params string[] arguments) =>
        new(program, ["-c", Configuration, .. arguments, "-f"], directory, null, Path.Combine(directory, program + ".log"));

    private async Task RunAsync(string program, params string[] arguments)
    {
        using var process = new ChildProcess(program, arguments, directory, null, Path.Combine(directory, "setup.log"));
        if (await process.WaitAsync(TimeSpan.FromMinutes(1)) is var code && code != 0)
        {
            throw new InvalidOperationException($"{program} ended with {code}: {process.Output}");
        }
    }

    // Only the first version of the messenger lets the gateway in without keys.
    private string ConfigurationText(string cluster) => $"""
        [global]
        fsid = {cluster}
        mon host = v1:127.0.0.1:{_monitorPort}/0
        ms bind msgr2 = false
        auth cluster required = none
        auth service required = none
        auth client required = none
        public addr = 127.0.0.1
        cluster addr = 127.0.0.1
        mon allow pool size one = true
        mon max pg per osd = 2000
        osd pool default size = 1
        osd pool default min size = 1
        osd pool default pg num = 4
        osd crush chooseleaf type = 0
        osd objectstore = memstore
        memstore device bytes = 2147483648
        mon data = {directory}/monitor
        osd data = {directory}/storage
        rgw data = {directory}/gateway
        run dir = {directory}/run
        log file = {directory}/$name.log
        rgw frontends = beast endpoint=127.0.0.1:{Port} tcp_nodelay=1

        """;
}
