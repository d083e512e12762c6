using Deucalion.Common.Objects.S3;
using V = Deucalion.Node.Configuration.ConfigValue;

namespace Deucalion.Node.Configuration;

/// <summary>Every key of the configuration file, in the order in which the documentation shows them.</summary>
internal static class ConfigSchema
{
    /// <summary>Switches of the query language that are off by default.</summary>
    public static readonly IReadOnlyList<string> QueryFeatures =
        ["promql-experimental-functions", "promql-extended-range-selectors", "promql-binop-fill-modifiers", "promql-delayed-name-removal", "use-start-timestamps", "type-and-unit-labels"];

    private const string LimitsFile = "limits.file";
    private const string LimitsName = "limits";

    private const string DurationType = "duration";
    private const string OptionalDurationType = "duration or off";
    private const string SizeType = "size";
    private const string FlagType = "true or false";
    private const string NumberType = "number";

    /// <summary>The keys.</summary>
    public static readonly IReadOnlyList<ConfigKey> Keys =
    [
        new("http.listen", "address", "Address and port of the HTTP server. Loopback by default: nobody else can read or write until you say so.", false,
            static (o, v) => o.HttpListen = V.Address(v), static o => o.HttpListen),
        new("http.external_url", "address or empty", "Where people reach the node, as in https://example.org/metrics: its path is what all paths begin with, unless http.route_prefix says otherwise.", false,
            static (o, v) => o.HttpExternalUrl = V.ExternalUrl(v), static o => o.HttpExternalUrl),
        new("http.route_prefix", "path or empty", "What all paths of the HTTP server begin with, as in /metrics; / for nothing, where a proxy takes the path of http.external_url away. Empty: the path of http.external_url.", false,
            static (o, v) => o.HttpRoutePrefix = V.RoutePrefix(v), static o => o.HttpRoutePrefix),
        new("http.tls.cert_file", "path", "Certificate of the HTTP server, PEM, then intermediate ones if any: with it and key_file HTTPS is spoken, and nothing else. Changed files are read again.", false,
            static (o, v) => o.HttpCertFile = v, static o => o.HttpCertFile),
        new("http.tls.key_file", "path", "Its key.", false,
            static (o, v) => o.HttpKeyFile = v, static o => o.HttpKeyFile),
        new("http.tls.client_ca_file", "path", "Authorities of clients' certificates: with it every client must show one (mutual TLS).", false,
            static (o, v) => o.HttpClientCaFile = v, static o => o.HttpClientCaFile),
        new("auth.file", "path", "Tokens and users with their tenants and rights (docs/security.md). Changes are taken over within seconds. Empty: nobody is asked who they are.", false,
            static (o, v) => o.AuthFile = v, static o => o.AuthFile),
        new("auth.metrics", "read or open", "Who may see /metrics where there is an auth.file: read, those with the right read (or admin) for all tenants, since metrics may name tenants; open, everybody.", false,
            static (o, v) => o.AuthMetrics = V.Choice<MetricsAccess>(v), static o => V.Text(o.AuthMetrics)),
        new("data.path", "path", "Directory of the journal, the checkpoints and the embedded object store.", false,
            static (o, v) => o.DataPath = V.NotEmpty(v), static o => o.DataPath),
        new("data.limit", "size or off", "Most bytes that the data directory may take, blocks of the embedded object store included. 64 MiB below it pushes are answered 503 and queries go on; the file system's own end counts in the same way.", true,
            static (o, v) => o.DataLimit = V.OptionalSize(v), static o => V.SizeText(o.DataLimit)),
        new("bucket.kind", "local, s3 or azure", "Where blocks and manifests are: local, files in a directory, s3, a bucket of S3 or of a compatible service, which must honour conditional writes, or azure, a container of Azure Blob Storage. Nodes of a cluster share one.", false,
            static (o, v) => o.BucketKind = V.Choice<BucketKind>(v), static o => V.Text(o.BucketKind)),
        new("bucket.path", "path", "Directory of a local bucket; empty: `bucket` below data.path. Nodes of one machine may share it. No network file system.", false,
            static (o, v) => o.BucketPath = v, static o => o.BucketPath),
        new("bucket.s3.endpoint", "address", "Address of an S3-compatible service, as in http://minio:9000; empty for AWS.", false,
            static (o, v) => o.S3Endpoint = V.Endpoint(v), static o => o.S3Endpoint),
        new("bucket.s3.bucket", "text", "Name of the bucket. It is not created.", false,
            static (o, v) => o.S3Bucket = v, static o => o.S3Bucket),
        new("bucket.s3.prefix", "text", "Put before all keys, so that the bucket may hold other things too.", false,
            static (o, v) => o.S3Prefix = V.KeyPrefix(v), static o => o.S3Prefix),
        new("bucket.s3.region", "text", "Region of the bucket; empty for us-east-1, which compatible services mostly expect.", false,
            static (o, v) => o.S3Region = v, static o => o.S3Region),
        new("bucket.s3.access_key", "text", "Access key; empty for the credentials of the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, profile, web identity, instance).", false,
            static (o, v) => o.S3AccessKey = v, static o => o.S3AccessKey),
        new("bucket.s3.secret_key", "text", "Secret key of the access key; best given as ${NAME} from the environment. It is never shown.", false,
            static (o, v) => o.S3SecretKey = v, static o => o.S3SecretKey) { IsSecret = true },
        new("bucket.s3.path_style", "auto, true or false", "Whether the bucket is part of the path instead of the host name. auto: where bucket.s3.endpoint is set.", false,
            static (o, v) => o.S3PathStyle = V.AutoFlag(v), static o => V.AutoText(o.S3PathStyle)),
        new("bucket.s3.encryption", "none, aes256 or kms", "Server-side encryption that is asked for: none leaves it to the bucket, aes256 is SSE-S3, kms is SSE-KMS.", false,
            static (o, v) => o.S3Encryption = V.Choice<S3Encryption>(v), static o => V.Text(o.S3Encryption)),
        new("bucket.s3.kms_key_id", "text", "Key for bucket.s3.encryption: kms; empty for the bucket's.", false,
            static (o, v) => o.S3KmsKeyId = v, static o => o.S3KmsKeyId),
        new("bucket.azure.account", "text", "Name of the storage account.", false,
            static (o, v) => o.AzureAccount = v, static o => o.AzureAccount),
        new("bucket.azure.container", "text", "Name of the container. It is not created.", false,
            static (o, v) => o.AzureContainer = v, static o => o.AzureContainer),
        new("bucket.azure.prefix", "text", "Put before all keys, so that the container may hold other things too.", false,
            static (o, v) => o.AzurePrefix = V.KeyPrefix(v), static o => o.AzurePrefix),
        new("bucket.azure.endpoint", "address", "Address of the service up to the container; empty for https://ACCOUNT.blob.core.windows.net.", false,
            static (o, v) => o.AzureEndpoint = V.EndpointWithPath(v), static o => o.AzureEndpoint),
        new("bucket.azure.account_key", "text", "Key of the account; best given as ${NAME} from the environment. It is never shown.", false,
            static (o, v) => o.AzureAccountKey = V.Base64(v), static o => o.AzureAccountKey) { IsSecret = true },
        new("bucket.azure.sas_token", "text", "In place of the key a shared access signature that may read, write, delete and list in the container; best given as ${NAME}. It is never shown.", false,
            static (o, v) => o.AzureSasToken = v, static o => o.AzureSasToken) { IsSecret = true },
        new("coordination.kind", "local, bucket or etcd", "What nodes agree through: local files, which the nodes of one machine may share (also for a process alone), the bucket itself, with which several machines need nothing else, or an etcd, with which failover is quicker.", false,
            static (o, v) => o.CoordinationKind = V.Choice<CoordinationKind>(v), static o => V.Text(o.CoordinationKind)),
        new("coordination.path", "path", "Directory of local coordination; empty: `coordination` below data.path. No network file system.", false,
            static (o, v) => o.CoordinationPath = v, static o => o.CoordinationPath),
        new("coordination.etcd.endpoints", "list", "Addresses of etcd, host:port; when one does not answer the next is asked.", false,
            static (o, v) => o.EtcdEndpoints = V.Servers(v), static o => string.Join(",", o.EtcdEndpoints)),
        new("coordination.etcd.username", "text", "User of etcd, where it asks for one.", false,
            static (o, v) => o.EtcdUsername = v, static o => o.EtcdUsername),
        new("coordination.etcd.password", "text", "Its password; better as `${NAME}` from the environment. It is shown nowhere.", false,
            static (o, v) => o.EtcdPassword = v, static o => o.EtcdPassword) { IsSecret = true },
        new("coordination.etcd.ca_file", "path", "Authorities of etcd's certificate, PEM: with it TLS is used.", false,
            static (o, v) => o.EtcdCaFile = v, static o => o.EtcdCaFile),
        new("coordination.etcd.cert_file", "path", "Certificate that is shown to etcd, where it asks for one; needs key_file and ca_file.", false,
            static (o, v) => o.EtcdCertFile = v, static o => o.EtcdCertFile),
        new("coordination.etcd.key_file", "path", "Its key.", false,
            static (o, v) => o.EtcdKeyFile = v, static o => o.EtcdKeyFile),
        new("cluster.listen", "address or empty", "Where other nodes' calls are taken (gRPC over HTTP/2). Empty: this process is alone, and can become the first node of a cluster later.", false,
            static (o, v) => o.ClusterListen = V.OptionalAddress(v), static o => o.ClusterListen),
        new("cluster.advertise", "address or empty", "Where other nodes reach this one; empty: cluster.listen, which then has to name one address and not all interfaces.", false,
            static (o, v) => o.ClusterAdvertise = V.ReachableAddress(v), static o => o.ClusterAdvertise),
        new("cluster.zone", "text", "What fails together with this node: a rack, a datacenter. Replicas of a partition are spread over zones.", false,
            static (o, v) => o.ClusterZone = V.NotEmpty(v), static o => o.ClusterZone),
        new("cluster.replication_factor", NumberType, "Replicas of each partition of a new cluster, a majority of them in sync; kept by the cluster at its first start and changed by `cluster set` from then on. A process alone has one.", false,
            static (o, v) => o.ClusterReplicationFactor = V.Number(v, 1, 9), static o => V.Text(o.ClusterReplicationFactor)),
        new("cluster.tls.cert_file", "path", "Certificate of this node towards other nodes, PEM; with key_file and ca_file, which go with it, all calls between nodes are mutual TLS. Changed files are read again.", false,
            static (o, v) => o.ClusterCertFile = v, static o => o.ClusterCertFile),
        new("cluster.tls.key_file", "path", "Its key.", false,
            static (o, v) => o.ClusterKeyFile = v, static o => o.ClusterKeyFile),
        new("cluster.tls.ca_file", "path", "Authorities of the other nodes' certificates.", false,
            static (o, v) => o.ClusterCaFile = v, static o => o.ClusterCaFile),
        new("replication.timeout", DurationType, "A backup that is behind or silent for so long is taken from those in sync, as far as enough are left.", false,
            static (o, v) => o.ReplicationTimeout = V.PositiveDuration(v), static o => V.Text(o.ReplicationTimeout)),
        new("placement.replace_after", DurationType, "A dead node keeps its place for so long; then its replicas are built anew elsewhere.", false,
            static (o, v) => o.ReplaceAfter = V.PositiveDuration(v), static o => V.Text(o.ReplaceAfter)),
        new("roles", "list", "Roles of this node: ingester, querier, compactor, ruler. All by default: one process is a complete system.", false,
            static (o, v) => o.Roles = V.Words(v, NodeOptions.AllRoles) is { Count: > 0 } r ? r : throw new FormatException("at least one role is needed"), static o => string.Join(",", o.Roles)),
        new("log.level", "debug, info, warn or error", "Least severe log lines that are written.", true,
            static (o, v) => o.LogLevel = V.Choice<LogVerbosity>(v), static o => V.Text(o.LogLevel)),
        new("telemetry.self_scrape", FlagType, "Whether the node writes its own metrics into itself (tenant anonymous, job deucalion), so that a first look shows graphs.", true,
            static (o, v) => o.SelfScrape = V.Flag(v), static o => V.Text(o.SelfScrape)),
        new("telemetry.self_scrape_interval", DurationType, "Time between two such writes.", true,
            static (o, v) => o.SelfScrapeInterval = V.PositiveDuration(v), static o => V.Text(o.SelfScrapeInterval)),
        new("journal.sync", "batch, interval or never", "When the journal is synced to disk: batch before each acknowledgement (nothing acknowledged is ever lost), interval or never (a power loss loses the last writes).", false,
            static (o, v) => o.JournalSync = V.Choice<SyncMode>(v), static o => V.Text(o.JournalSync)),
        new("journal.sync_interval", DurationType, "Time between two syncs with journal.sync: interval.", false,
            static (o, v) => o.JournalSyncInterval = V.PositiveDuration(v), static o => V.Text(o.JournalSyncInterval)),
        new("ingest.out_of_order_window", DurationType, "How much older than the newest sample of its own series a sample may be.", false,
            static (o, v) => o.OutOfOrderWindow = V.Duration(v), static o => V.Text(o.OutOfOrderWindow)),
        new("ingest.failover_wait", DurationType, "How long a write waits for another primary of its partition before it goes to another partition of the tenant, and a query before it fails. 30s where coordination.kind is bucket: there it takes longer until a dead coordinator is replaced.", false,
            static (o, v) => o.FailoverWait = V.PositiveDuration(v), static o => V.Text(o.FailoverPatience)),
        new("ingest.max_future", DurationType, "How far ahead of this node's clock a sample may be; further ones come from a broken clock.", false,
            static (o, v) => o.MaxFuture = V.Duration(v), static o => V.Text(o.MaxFuture)),
        new("ingest.max_request_size", SizeType, "Largest remote-write request, compressed and decompressed alike.", false,
            static (o, v) => o.MaxRequestBytes = V.PositiveSize(v), static o => V.SizeText(o.MaxRequestBytes)),
        new("ingest.max_in_flight", SizeType, "Decompressed bytes of requests that are being stored at one time; beyond it senders get 503 and retry.", false,
            static (o, v) => o.MaxInFlightBytes = V.PositiveSize(v), static o => V.SizeText(o.MaxInFlightBytes)),
        new("ingest.max_labels_per_series", NumberType, "Labels a series may have.", false,
            static (o, v) => o.MaxLabelsPerSeries = V.Number(v, 1, 1000), static o => V.Text(o.MaxLabelsPerSeries)),
        new("ingest.max_label_name_length", NumberType, "Bytes a label name may have.", false,
            static (o, v) => o.MaxLabelNameBytes = V.Number(v, 1, 65535), static o => V.Text(o.MaxLabelNameBytes)),
        new("ingest.max_label_value_length", NumberType, "Bytes a label value may have.", false,
            static (o, v) => o.MaxLabelValueBytes = V.Number(v, 1, 65535), static o => V.Text(o.MaxLabelValueBytes)),
        new("ingest.max_native_histogram_buckets", NumberType, "Buckets a native histogram may have. One with more, or with more than 24 KiB of counts, is rejected by name of reason.", false,
            static (o, v) => o.MaxHistogramBuckets = V.Number(v, 1, 10_000), static o => V.Text(o.MaxHistogramBuckets)),
        new("ingest.max_exemplars", NumberType, "Exemplars kept for each tenant and partition: a new one takes the place of the oldest. 0 keeps none.", false,
            static (o, v) => o.MaxExemplars = V.Number(v, 0, 10_000_000), static o => V.Text(o.MaxExemplars)),
        new("retention.time", OptionalDurationType, "Blocks whose newest sample is older are deleted. Off by default: long-term storage keeps what it was given.", true,
            static (o, v) => o.RetentionTime = V.OptionalDuration(v), static o => V.Text(o.RetentionTime)),
        new("retention.size", "size or off", "When the blocks of a tenant take more, its oldest are deleted.", true,
            static (o, v) => o.RetentionSize = V.OptionalSize(v), static o => V.SizeText(o.RetentionSize)),
        new("retention.interval", DurationType, "Time between two looks at what is due.", true,
            static (o, v) => o.RetentionInterval = V.PositiveDuration(v), static o => V.Text(o.RetentionInterval)),
        new("retention.delete_delay", DurationType, "Time between taking a block out of its manifest and deleting its files, so that running queries finish; more than query.timeout.", true,
            static (o, v) => o.DeleteDelay = V.Duration(v), static o => V.Text(o.DeleteDelay)),
        new("compaction.enabled", FlagType, "Whether small blocks are merged into larger ones.", true,
            static (o, v) => o.CompactionEnabled = V.Flag(v), static o => V.Text(o.CompactionEnabled)),
        new("compaction.levels", "list", "Lengths of the windows, aligned, whose blocks become one: durations that rise, each a multiple of the one before.", true,
            static (o, v) => o.CompactionLevels = V.RisingDurations(v), static o => string.Join(",", o.CompactionLevels.Select(static x => V.Text(x)))),
        new("compaction.delay", DurationType, "How long a window is left alone after its end and after the last block that a head gave for it; more than ingest.out_of_order_window, or windows are merged again for late samples.", true,
            static (o, v) => o.CompactionDelay = V.Duration(v), static o => V.Text(o.CompactionDelay)),
        new("compaction.interval", DurationType, "Time between two looks at what can be merged.", true,
            static (o, v) => o.CompactionInterval = V.PositiveDuration(v), static o => V.Text(o.CompactionInterval)),
        new("compaction.concurrency", NumberType, "Tenants whose blocks this node merges at one time; each takes a core.", true,
            static (o, v) => o.CompactionConcurrency = V.Number(v, 1, 64), static o => V.Text(o.CompactionConcurrency)),
        new("query.timeout", DurationType, "Longest time a query may take.", false,
            static (o, v) => o.QueryTimeout = V.PositiveDuration(v), static o => V.Text(o.QueryTimeout)),
        new("query.lookback_delta", DurationType, "How old the newest sample of a series may be to count as current.", false,
            static (o, v) => o.QueryLookback = V.PositiveDuration(v), static o => V.Text(o.QueryLookback)),
        new("query.max_samples", NumberType, "Samples that one query may hold in memory.", false,
            static (o, v) => o.QueryMaxSamples = V.Number(v, 1, long.MaxValue), static o => V.Text(o.QueryMaxSamples)),
        new("query.max_bytes", SizeType, "Memory that one query may hold.", false,
            static (o, v) => o.QueryMaxBytes = V.PositiveSize(v), static o => V.SizeText(o.QueryMaxBytes)),
        new("query.max_concurrent", NumberType, "Queries that run at one time; others wait in a fair queue.", false,
            static (o, v) => o.QueryMaxConcurrent = V.Number(v, 1, 10_000), static o => V.Text(o.QueryMaxConcurrent)),
        new("query.features", "list", "Switches of the query language, named as in Prometheus: " + "promql-experimental-functions, promql-extended-range-selectors, promql-binop-fill-modifiers, promql-delayed-name-removal, use-start-timestamps, type-and-unit-labels.", false,
            static (o, v) => o.QueryFeatures = V.Words(v, QueryFeatures), static o => string.Join(",", o.QueryFeatures)),
        new(LimitsFile, "path", "File with the limits of tenants, for those who keep it apart from this one: `defaults` and `overrides` at its top. It is read again when it changes.", true,
            static (o, v) => o.LimitsFile = v, static o => o.LimitsFile),
    ];

    /// <summary>The keys by path.</summary>
    public static readonly IReadOnlyDictionary<string, ConfigKey> ByPath = Keys.ToDictionary(static k => k.Path);

    /// <summary>Whether the path is a section.</summary>
    public static bool IsSection(string path) => Keys.Any(k => k.Path.StartsWith(path + ".", StringComparison.Ordinal));

    /// <summary>Names of keys and sections directly under a section.</summary>
    public static IEnumerable<string> ChildrenOf(string section)
    {
        var prefix = section.Length == 0 ? string.Empty : section + ".";
        var names = Keys.Where(k => k.Path.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k.Path[prefix.Length..].Split('.')[0]).Distinct();
        return section == LimitsName ? names.Append(LimitsReader.Defaults).Append(LimitsReader.Overrides) : names;
    }

    /// <summary>The effective settings as YAML; secrets are not shown.</summary>
    public static string ToYaml(NodeOptions options)
    {
        var lines = new List<string>();
        var section = string.Empty;
        foreach (var key in Keys.OrderBy(static k => k.Section.Length == 0 ? 0 : 1))
        {
            if (key.Section != section)
            {
                Open(lines, section, key.Section);
                section = key.Section;
            }

            var value = key.Show(options);
            var text = key.Type == "list" ? $"[{value.Replace(",", ", ", StringComparison.Ordinal)}]" : value.Length == 0 ? "''" : value;
            lines.Add($"{Indent(section)}{key.Name}: {text}");
            if (key.Path == LimitsFile && options.LimitsFile.Length == 0)
            {
                lines.AddRange(options.Limits.ToYaml(Indent(section)));
            }
        }

        return string.Join('\n', lines) + "\n";
    }

    /// <summary>Opens a section and those above it, as far as the one before was not in them already.</summary>
    private static void Open(List<string> lines, string before, string section)
    {
        var parts = section.Split('.');
        for (var depth = 1; depth <= parts.Length; depth++)
        {
            var path = string.Join('.', parts[..depth]);
            if (before != path && !before.StartsWith(path + ".", StringComparison.Ordinal))
            {
                lines.Add($"{new string(' ', 2 * (depth - 1))}{parts[depth - 1]}:");
            }
        }
    }

    private static string Indent(string section) => new(' ', section.Length == 0 ? 0 : 2 * section.Split('.').Length);

    /// <summary>The reference page of the configuration file, docs/configuration.md.</summary>
    public static string ToMarkdown()
    {
        var lines = new List<string>
        {
            "# Configuration",
            "",
            "One YAML file, given with `--config.file`. Without a file every key has its default. The file is read strictly: an unknown key or a bad",
            "value stops the start and names file, line, key and what is allowed. `${NAME}` and `${NAME:-default}` in values are replaced by environment",
            "variables, `$$` is a dollar sign. `--data.path`, `--http.listen` and `--roles` on the command line win over the file.",
            "Keys marked *reload* change without a restart: `POST /-/reload` or SIGHUP.",
            "",
            "Durations are written `500ms`, `15s`, `1h30m`, `15d`; sizes `512MiB`, `10GB` or a number of bytes; lists `[a, b]` or `a,b`.",
            "",
            "| key | value | default | meaning |",
            "|---|---|---|---|",
        };
        foreach (var key in Keys)
        {
            var shown = key.Default.Length == 0 ? "(empty)" : $"`{key.Default}`";
            lines.Add($"| `{key.Path}` | {key.Type} | {shown} | {key.Description}{(key.Reloadable ? " *(reload)*" : "")} |");
        }

        lines.AddRange(
        [
            "",
            "## Limits of tenants",
            "",
            "Below `limits.defaults` for all tenants and below `limits.overrides.TENANT` for one, *(reload)* all of them; [limits](limits.md) tells what is answered",
            "beyond each. Where the default is a key of the table above, that is the node's own bound too: no tenant may have more.",
            "",
            .. LimitSchema.ToMarkdown(),
        ]);

        return string.Join('\n', lines) + "\n";
    }
}
