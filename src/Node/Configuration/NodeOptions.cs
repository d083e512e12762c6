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

/// <summary>All settings of a node with their defaults; filled by <see cref="ConfigFile"/> and the command line, then left alone.</summary>
internal sealed class NodeOptions
{
    /// <summary>The roles there are.</summary>
    public static readonly IReadOnlyList<string> AllRoles = ["ingester", "querier", "compactor", "ruler"];

    public string HttpListen { get; set; } = "127.0.0.1:9009";

    public string DataPath { get; set; } = "./data";

    /// <summary>Most bytes that the data directory may take; null for what the file system has.</summary>
    public long? DataLimit { get; set; }

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

    public TimeSpan RetentionInterval { get; set; } = TimeSpan.FromMinutes(1);

    public TimeSpan DeleteDelay { get; set; } = TimeSpan.FromMinutes(15);

    public TimeSpan QueryTimeout { get; set; } = TimeSpan.FromMinutes(2);

    public TimeSpan QueryLookback { get; set; } = TimeSpan.FromMinutes(5);

    public long QueryMaxSamples { get; set; } = 50_000_000;

    public long QueryMaxBytes { get; set; } = 1L << 30;

    public long QueryMaxConcurrent { get; set; } = 20;

    public IReadOnlyList<string> QueryFeatures { get; set; } = [];
}
