using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Deucalion.Common.Objects.S3;
using Deucalion.Testing.Processes;

namespace Deucalion.Testing.S3;

/// <summary>
/// A real S3 service on a free port, with atomic conditional writes: the gateway of Ceph over one monitor and one object daemon that keeps everything in
/// memory. The gateway alone can be killed and started again: what was stored stays. Debian packages radosgw, ceph-mon, ceph-osd, ceph-common; no service
/// of the machine is touched.
/// </summary>
public sealed class RadosGateway : IAsyncDisposable, IDisposable
{
    /// <summary>Credentials of the user who owns the buckets.</summary>
    public const string AccessKey = "owner-access";

    public const string SecretKey = "owner-secret";

    /// <summary>Credentials of a user who may do nothing with them.</summary>
    public const string StrangerAccessKey = "stranger-access";

    public const string StrangerSecretKey = "stranger-secret";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly TemporaryDirectory? _temporary;
    private readonly string _directory;
    private readonly List<ChildProcess> _daemons = [];
    private readonly int _monitorPort = Ports.Free();
    private readonly string _cluster = Guid.NewGuid().ToString();
    private ChildProcess? _gateway;

    private RadosGateway(string? directory)
    {
        _temporary = directory is null ? new TemporaryDirectory() : null;
        _directory = directory ?? _temporary!.Path;
    }

    /// <summary>Where the service listens, on 127.0.0.1.</summary>
    public int Port { get; } = Ports.Free();

    /// <summary>Address of the service.</summary>
    public Uri Endpoint => new($"http://127.0.0.1:{Port}");

    private string ConfigPath => Child("ceph.conf");

    /// <summary>Starts one; its configuration and logs lie in <paramref name="directory"/>, or in a temporary one that goes with it.</summary>
    public static async Task<RadosGateway> StartAsync(string? directory = null)
    {
        var gateway = new RadosGateway(directory);
        try
        {
            await gateway.StartDaemonsAsync();
            await gateway.StartGatewayAsync();
            await gateway.CreateUserAsync("owner", AccessKey, SecretKey);
            await gateway.CreateUserAsync("stranger", StrangerAccessKey, StrangerSecretKey);
            return gateway;
        }
        catch
        {
            gateway.Dispose();
            throw;
        }
    }

    /// <summary>A client of the SDK with the owner's credentials.</summary>
    public AmazonS3Client Client() => new(
        new BasicAWSCredentials(AccessKey, SecretKey),
        new AmazonS3Config
        {
            ServiceURL = Endpoint.ToString(),
            ForcePathStyle = true,
            AuthenticationRegion = S3Options.DefaultRegion,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });

    /// <summary>Creates a bucket of the owner; one that is there is fine.</summary>
    public async Task CreateBucketAsync(string bucket)
    {
        using var client = Client();
        await client.PutBucketAsync(bucket);
    }

    /// <summary>Options for a bucket; <paramref name="endpoint"/> where something stands between us and the gateway.</summary>
    public S3Options Options(string bucket, string prefix, Uri? endpoint = null) => new()
    {
        Endpoint = endpoint ?? Endpoint,
        Bucket = bucket,
        Prefix = prefix,
        AccessKey = AccessKey,
        SecretKey = SecretKey,
        PathStyle = true,
    };

    /// <summary>Starts the gateway, at first or after it was killed, and waits until it answers.</summary>
    public async Task StartGatewayAsync()
    {
        _gateway = Daemon("radosgw", "-n", "client.gateway");
        await Eventually.TrueAsync(AnswersAsync, Patience, () => $"the gateway answers; its output:\n{Outputs()}");
    }

    public async Task KillGatewayAsync()
    {
        await _gateway!.KillAsync();
        _gateway.Dispose();
        _gateway = null;
    }

    /// <summary>Stops the gateway's process (19 STOP) or lets it go on (18 CONT): it does not answer in between.</summary>
    public void Signal(int signal) => _gateway!.Signal(signal);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        // Nothing in it is worth an orderly end.
        _gateway?.Dispose();
        for (var i = _daemons.Count - 1; i >= 0; i--)
        {
            _daemons[i].Dispose();
        }

        _temporary?.Dispose();
    }

    private async Task StartDaemonsAsync()
    {
        foreach (var name in (string[])["monitor", "osd", "run", "gateway"])
        {
            Directory.CreateDirectory(Child(name));
        }

        await File.WriteAllTextAsync(ConfigPath, Configuration() + "\n");
        await RunAsync("monmaptool", "--create", "--fsid", _cluster, "--addv", "a", $"[v1:127.0.0.1:{_monitorPort}]", Child("monmap"));
        await RunAsync("ceph-mon", "-c", ConfigPath, "--mkfs", "-i", "a", "--monmap", Child("monmap"));
        _daemons.Add(Daemon("ceph-mon", "-i", "a"));

        var identity = Guid.NewGuid().ToString();
        await AskMonitorAsync("osd", "new", identity, "0");
        await RunAsync("ceph-osd", "-c", ConfigPath, "-i", "0", "--mkfs", "--osd-uuid", identity);
        await AskMonitorAsync("osd", "crush", "add", "osd.0", "1.0", "root=default", "host=here");
        _daemons.Add(Daemon("ceph-osd", "-i", "0"));
    }

    /// <summary>
    /// Runs a command of the monitor's. A client that sends it before it has got the monitor's map names another cluster than the monitor's, and is
    /// refused with EPERM; it happens on a busy machine, and the next try knows better. Repeating these commands changes nothing.
    /// </summary>
    private async Task AskMonitorAsync(params string[] command)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await RunAsync("ceph", ["-c", ConfigPath, "--connect-timeout", "60", .. command]);
                return;
            }
            catch (InvalidOperationException e) when (tries < 10 && e.Message.Contains("EPERM", StringComparison.Ordinal))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200));
            }
        }
    }

    // The object daemon must not announce itself in the crush map: it does so before it knows the cluster's name, and ends over it.
    private string Configuration() => $"""
        [global]
        fsid = {_cluster}
        mon host = v1:127.0.0.1:{_monitorPort}
        ms bind msgr2 = false
        public addr = 127.0.0.1
        cluster addr = 127.0.0.1
        auth cluster required = none
        auth service required = none
        auth client required = none
        osd pool default size = 1
        osd pool default min size = 1
        osd pool default pg num = 1
        osd pool default pgp num = 1
        osd pool default pg autoscale mode = off
        mon allow pool size one = true
        mon warn on pool no redundancy = false
        mon data avail crit = 0
        osd crush chooseleaf type = 0
        osd class update on start = false
        osd crush update on start = false
        osd objectstore = memstore
        memstore device bytes = 4294967296
        mon data = {Child("monitor")}
        osd data = {Child("osd")}
        rgw data = {Child("gateway")}
        keyring = {Child("keyring")}
        run dir = {Child("run")}
        admin socket = {Child("run")}/$name.$pid.asok
        pid file =
        log file = {_directory}/$name.log
        rgw frontends = beast endpoint=127.0.0.1:{Port} tcp_nodelay=1
        """;

    private Task CreateUserAsync(string name, string accessKey, string secretKey) => RunAsync(
        "radosgw-admin", "-c", ConfigPath, "user", "create", $"--uid={name}", $"--display-name={name}", $"--access-key={accessKey}", $"--secret-key={secretKey}");

    private string Child(string name) => Path.Combine(_directory, name);

    private string Outputs() => string.Join('\n', _daemons.Append(_gateway).Select(static p => p?.Output));

    private ChildProcess Daemon(string program, params string[] arguments) => new(program, ["-c", ConfigPath, .. arguments, "-f"]);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = new ChildProcess(program, arguments);
        var code = await process.WaitAsync(Patience);
        if (code != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}:\n{process.Output}");
        }
    }

    private async Task<bool> AnswersAsync()
    {
        if (_daemons.Append(_gateway!).FirstOrDefault(static p => p.HasExited) is { } ended)
        {
            throw new InvalidOperationException($"a process of the gateway ended; its output:\n{ended.Output}");
        }

        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        try
        {
            using var response = await http.GetAsync(Endpoint);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
