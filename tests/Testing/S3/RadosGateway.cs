using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Deucalion.Common.Objects.S3;
using Deucalion.Testing.Processes;

namespace Deucalion.Testing.S3;

/// <summary>
/// A real S3 service on a free port: the gateway of Ceph over one monitor and one object daemon that keeps everything in memory. Debian packages radosgw,
/// ceph-mon, ceph-osd, ceph-common; no service of the machine is touched.
/// </summary>
public sealed class RadosGateway : IAsyncDisposable
{
    /// <summary>Credentials of the user who owns the buckets.</summary>
    public const string AccessKey = "owner-access";

    public const string SecretKey = "owner-secret";

    /// <summary>Credentials of a user who may do nothing with them.</summary>
    public const string StrangerAccessKey = "stranger-access";

    public const string StrangerSecretKey = "stranger-secret";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly TemporaryDirectory _directory = new();
    private readonly List<ChildProcess> _processes = [];
    private readonly int _monitorPort = Ports.Free();
    private readonly string _cluster = Guid.NewGuid().ToString();

    private RadosGateway()
    {
    }

    /// <summary>Address of the service.</summary>
    public Uri Endpoint { get; } = new($"http://127.0.0.1:{Ports.Free()}");

    private string ConfigPath => _directory.Child("ceph.conf");

    public static async Task<RadosGateway> StartAsync()
    {
        var gateway = new RadosGateway();
        try
        {
            await gateway.StartClusterAsync();
            await gateway.CreateUserAsync("owner", AccessKey, SecretKey);
            await gateway.CreateUserAsync("stranger", StrangerAccessKey, StrangerSecretKey);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
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

    /// <summary>Stops the gateway's process (19 STOP) or lets it go on (18 CONT): it does not answer in between.</summary>
    public void Signal(int signal) => _processes[^1].Signal(signal);

    public async ValueTask DisposeAsync()
    {
        for (var i = _processes.Count - 1; i >= 0; i--)
        {
            // Nothing in it is worth an orderly end.
            await _processes[i].KillAsync();
            _processes[i].Dispose();
        }

        _directory.Dispose();
    }

    private async Task StartClusterAsync()
    {
        foreach (var name in (string[])["monitor", "osd", "run", "gateway"])
        {
            Directory.CreateDirectory(_directory.Child(name));
        }

        await File.WriteAllTextAsync(ConfigPath, Configuration() + "\n");
        await RunAsync("monmaptool", "--create", "--fsid", _cluster, "--addv", "a", $"[v1:127.0.0.1:{_monitorPort}]", _directory.Child("monmap"));
        await RunAsync("ceph-mon", "-c", ConfigPath, "--mkfs", "-i", "a", "--monmap", _directory.Child("monmap"));
        Start("ceph-mon", "-c", ConfigPath, "-i", "a", "-f");

        var identity = Guid.NewGuid().ToString();
        await RunAsync("ceph", "-c", ConfigPath, "--connect-timeout", "60", "osd", "new", identity);
        await RunAsync("ceph-osd", "-c", ConfigPath, "-i", "0", "--mkfs", "--osd-uuid", identity);
        await RunAsync("ceph", "-c", ConfigPath, "--connect-timeout", "60", "osd", "crush", "add", "osd.0", "1.0", "root=default", "host=here");
        Start("ceph-osd", "-c", ConfigPath, "-i", "0", "-f");
        Start("radosgw", "-c", ConfigPath, "-n", "client.gateway", "-f");
        await Eventually.TrueAsync(AnswersAsync, Patience, () => $"the gateway answers; its output:\n{string.Join('\n', _processes.Select(static p => p.Output))}");
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
        mon data = {_directory.Child("monitor")}
        osd data = {_directory.Child("osd")}
        rgw data = {_directory.Child("gateway")}
        keyring = {_directory.Child("keyring")}
        run dir = {_directory.Child("run")}
        admin socket = {_directory.Child("run")}/$name.$pid.asok
        pid file =
        log file = {_directory.Path}/$name.log
        rgw frontends = beast endpoint=127.0.0.1:{Endpoint.Port} tcp_nodelay=1
        """;

    private Task CreateUserAsync(string name, string accessKey, string secretKey) => RunAsync(
        "radosgw-admin", "-c", ConfigPath, "user", "create", $"--uid={name}", $"--display-name={name}", $"--access-key={accessKey}", $"--secret-key={secretKey}");

    private void Start(string program, params string[] arguments) => _processes.Add(new ChildProcess(program, arguments));

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
        if (_processes.Find(static p => p.HasExited) is { } ended)
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
