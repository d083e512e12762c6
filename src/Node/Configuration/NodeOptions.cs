using Deucalion.Common.Objects.S3;

namespace Deucalion.Node.Configuration;

/// <summary>How the journal is made durable before a write is acknowledged.</summary>
internal enum SyncMode
{
    /// <summary>fdatasync for each commit round.</summary>
    Batch,

    /// <summary>fdatasync at intervals: a power loss may lose the last of them.</summary>
    Interval,

    /// <summary>Left to the operating system.</summary>
    Never,
}

/// <summary>Least severe log lines that are written.</summary>
internal enum LogVerbosity
{
    /// <summary>Each batch and checkpoint.</summary>
    Debug,

    /// <summary>Life of the process.</summary>
    Info,

    /// <summary>What is degraded.</summary>
    Warn,

    /// <summary>Lost work.</summary>
    Error,
}

/// <summary>Where blocks and manifests are.</summary>
internal enum BucketKind
{
    /// <summary>Files in a directory.</summary>
    Local,

    /// <summary>A bucket of S3 or of a compatible service.</summary>
    S3,

    /// <summary>A container of Azure Blob Storage.</summary>
    Azure,
}

/// <summary>Who may see <c>/metrics</c> where credentials are asked for.</summary>
internal enum MetricsAccess
{
    /// <summary>Who may read all tenants: metrics may name them.</summary>
    Read,

    /// <summary>Everybody.</summary>
    Open,
}

/// <summary>All settings of a node with their defaults; filled by <see cref="ConfigFile"/> and the command line, then left alone.</summary>
internal sealed class NodeOptions
{
    /// <summary>The roles there are.</summary>
    public static readonly IReadOnlyList<string> AllRoles = ["ingester", "querier", "compactor", "ruler"];

    public string HttpListen { get; set; } = "127.0.0.1:9009";

    /// <summary>Where people reach the node, as in <c>https://example.org/metrics</c>; empty: as it listens.</summary>
    public string HttpExternalUrl { get; set; } = string.Empty;

    /// <summary>What all paths begin with, or <c>/</c> for nothing; empty: the path of the external address.</summary>
    public string HttpRoutePrefix { get; set; } = string.Empty;

    public string HttpCertFile { get; set; } = string.Empty;

    public string HttpKeyFile { get; set; } = string.Empty;

    /// <summary>Authorities of clients' certificates; empty: clients show none.</summary>
    public string HttpClientCaFile { get; set; } = string.Empty;

    /// <summary>Tokens and users; empty: nobody is asked.</summary>
    public string AuthFile { get; set; } = string.Empty;

    public MetricsAccess AuthMetrics { get; set; } = MetricsAccess.Read;

    public string DataPath { get; set; } = "./data";

    /// <summary>Most bytes that the data directory may take; null for what the file system has.</summary>
    public long? DataLimit { get; set; }

    public BucketKind BucketKind { get; set; } = BucketKind.Local;

    public string S3Endpoint { get; set; } = string.Empty;

    public string S3Bucket { get; set; } = string.Empty;

    public string S3Prefix { get; set; } = string.Empty;

    public string S3Region { get; set; } = string.Empty;

    public string S3AccessKey { get; set; } = string.Empty;

    public string S3SecretKey { get; set; } = string.Empty;

    /// <summary>Null: where an endpoint is set.</summary>
    public bool? S3PathStyle { get; set; }

    public S3Encryption S3Encryption { get; set; } = S3Encryption.None;

    public string S3KmsKeyId { get; set; } = string.Empty;

    public string AzureAccount { get; set; } = string.Empty;

    public string AzureContainer { get; set; } = string.Empty;

    public string AzurePrefix { get; set; } = string.Empty;

    public string AzureEndpoint { get; set; } = string.Empty;

    public string AzureAccountKey { get; set; } = string.Empty;

    public string AzureSasToken { get; set; } = string.Empty;

    public IReadOnlyList<string> Roles { get; set; } = AllRoles;

    public LogVerbosity LogLevel { get; set; } = LogVerbosity.Info;

    public bool SelfScrape { get; set; } = true;

    public TimeSpan SelfScrapeInterval { get; set; } = TimeSpan.FromSeconds(15);

    public SyncMode JournalSync { get; set; } = SyncMode.Batch;

    public TimeSpan JournalSyncInterval { get; set; } = TimeSpan.FromSeconds(1);

    public TimeSpan OutOfOrderWindow { get; set; } = TimeSpan.FromMinutes(30);

    public TimeSpan MaxFuture { get; set; } = TimeSpan.FromMinutes(10);

    public long MaxRequestBytes { get; set; } = 32L << 20;

    public long MaxLabelsPerSeries { get; set; } = 256;

    public long MaxLabelNameBytes { get; set; } = 1024;

    public long MaxLabelValueBytes { get; set; } = 16 * 1024;

    public long MaxHistogramBuckets { get; set; } = 10_000;

    public long MaxExemplars { get; set; } = 10_000;

    public long MaxInFlightBytes { get; set; } = 256L << 20;

    public TimeSpan? RetentionTime { get; set; }

    public long? RetentionSize { get; set; }

    public TimeSpan RetentionInterval { get; set; } = TimeSpan.FromMinutes(5);

    public TimeSpan DeleteDelay { get; set; } = TimeSpan.FromMinutes(15);

    public bool CompactionEnabled { get; set; } = true;

    public IReadOnlyList<TimeSpan> CompactionLevels { get; set; } = [TimeSpan.FromHours(2), TimeSpan.FromHours(12), TimeSpan.FromHours(24)];

    public TimeSpan CompactionDelay { get; set; } = TimeSpan.FromHours(2);

    public TimeSpan CompactionInterval { get; set; } = TimeSpan.FromMinutes(5);

    public long CompactionConcurrency { get; set; } = 1;

    public TimeSpan QueryTimeout { get; set; } = TimeSpan.FromMinutes(2);

    public TimeSpan QueryLookback { get; set; } = TimeSpan.FromMinutes(5);

    public long QueryMaxSamples { get; set; } = 50_000_000;

    public long QueryMaxBytes { get; set; } = 1L << 30;

    public long QueryMaxConcurrent { get; set; } = 20;

    public IReadOnlyList<string> QueryFeatures { get; set; } = [];

    /// <summary>Directory of the embedded object store; empty: <c>bucket</c> below the data directory.</summary>
    public string BucketPath { get; set; } = string.Empty;

    public CoordinationKind CoordinationKind { get; set; } = CoordinationKind.Local;

    /// <summary>Directory of local coordination; empty: <c>coordination</c> below the data directory.</summary>
    public string CoordinationPath { get; set; } = string.Empty;

    public IReadOnlyList<string> EtcdEndpoints { get; set; } = ["127.0.0.1:2379"];

    public string EtcdUsername { get; set; } = string.Empty;

    public string EtcdPassword { get; set; } = string.Empty;

    public string EtcdCaFile { get; set; } = string.Empty;

    public string EtcdCertFile { get; set; } = string.Empty;

    public string EtcdKeyFile { get; set; } = string.Empty;

    /// <summary>Where other nodes' calls are taken; empty: this process is alone.</summary>
    public string ClusterListen { get; set; } = string.Empty;

    /// <summary>Where others reach it; empty: as it listens.</summary>
    public string ClusterAdvertise { get; set; } = string.Empty;

    public string ClusterZone { get; set; } = "default";

    public long ClusterReplicationFactor { get; set; } = 3;

    public string ClusterCertFile { get; set; } = string.Empty;

    public string ClusterKeyFile { get; set; } = string.Empty;

    public string ClusterCaFile { get; set; } = string.Empty;

    public TimeSpan ReplicationTimeout { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan ReplaceAfter { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a failover is waited for; null: as <see cref="CoordinationKind"/> needs it.</summary>
    public TimeSpan? FailoverWait { get; set; }

    /// <summary>File with the limits of tenants; empty: they are in the main file, or there are none.</summary>
    public string LimitsFile { get; set; } = string.Empty;

    /// <summary>The limits of tenants as they are configured.</summary>
    public LimitsSection Limits { get; set; } = LimitsSection.Empty;

    /// <summary>What all paths of the HTTP server begin with: nothing, or a slash and text that does not end in one.</summary>
    public string RoutePrefix => HttpRoutePrefix.Length > 0 ? HttpRoutePrefix.TrimEnd('/')
        : HttpExternalUrl.Length > 0 ? new Uri(HttpExternalUrl).AbsolutePath.TrimEnd('/') : string.Empty;

    /// <summary>
    /// How long writes and queries wait for another primary: a little longer than that takes, about 12 s, or 25 s where a dead coordinator's lease is a document in
    /// the bucket. No longer than 30 s, after which senders give a request up.
    /// </summary>
    public TimeSpan FailoverPatience => FailoverWait ?? TimeSpan.FromSeconds(CoordinationKind == CoordinationKind.Bucket ? 30 : 20);

    /// <summary>Whether this node is a member of a cluster.</summary>
    public bool IsClustered => ClusterListen.Length > 0;

    /// <summary>Directory of the embedded object store.</summary>
    public string BucketDirectory => BucketPath.Length > 0 ? BucketPath : Path.Combine(DataPath, "bucket");

    /// <summary>Directory of coordination of a process alone, unless told otherwise.</summary>
    public string OwnCoordinationDirectory => Path.Combine(DataPath, "coordination");

    /// <summary>Directory of local coordination.</summary>
    public string CoordinationDirectory => CoordinationPath.Length > 0 ? CoordinationPath : OwnCoordinationDirectory;

    /// <summary>These settings with other limits of tenants.</summary>
    public NodeOptions WithLimits(string file, LimitsSection limits)
    {
        var changed = (NodeOptions)MemberwiseClone();
        (changed.LimitsFile, changed.Limits) = (file, limits);
        return changed;
    }
}

/// <summary>What a cluster agrees through.</summary>
internal enum CoordinationKind
{
    /// <summary>Files of this machine.</summary>
    Local,

    /// <summary>Documents in the bucket.</summary>
    Bucket,

    /// <summary>An etcd.</summary>
    Etcd,
}
