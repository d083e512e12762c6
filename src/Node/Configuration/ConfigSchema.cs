using V = Deucalion.Node.Configuration.ConfigValue;

namespace Deucalion.Node.Configuration;

/// <summary>Every key of the configuration file, in the order in which the documentation shows them.</summary>
internal static class ConfigSchema
{
    /// <summary>Switches of the query language that are off by default.</summary>
    public static readonly IReadOnlyList<string> QueryFeatures =
        ["promql-experimental-functions", "promql-extended-range-selectors", "promql-binop-fill-modifiers", "promql-delayed-name-removal", "use-start-timestamps", "type-and-unit-labels"];

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
        new("data.path", "path", "Directory of the journal, the checkpoints and the embedded object store.", false,
            static (o, v) => o.DataPath = V.NotEmpty(v), static o => o.DataPath),
        new("data.limit", "size or off", "Most bytes that the data directory may take, blocks of the embedded object store included. 64 MiB below it pushes are answered 503 and queries go on; the file system's own end counts in the same way.", true,
            static (o, v) => o.DataLimit = V.OptionalSize(v), static o => V.SizeText(o.DataLimit)),
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
    ];

    /// <summary>The keys by path.</summary>
    public static readonly IReadOnlyDictionary<string, ConfigKey> ByPath = Keys.ToDictionary(static k => k.Path);

    /// <summary>Whether the path is a section.</summary>
    public static bool IsSection(string path) => Keys.Any(k => k.Path.StartsWith(path + ".", StringComparison.Ordinal));

    /// <summary>Names of keys and sections directly under a section.</summary>
    public static IEnumerable<string> ChildrenOf(string section)
    {
        var prefix = section.Length == 0 ? string.Empty : section + ".";
        return Keys.Where(k => k.Path.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k.Path[prefix.Length..].Split('.')[0]).Distinct();
    }

    /// <summary>The effective settings as YAML.</summary>
    public static string ToYaml(NodeOptions options)
    {
        var lines = new List<string>();
        var section = string.Empty;
        foreach (var key in Keys.OrderBy(static k => k.Section.Length == 0 ? 0 : 1))
        {
            if (key.Section != section)
            {
                section = key.Section;
                lines.Add($"{section}:");
            }

            var value = key.Get(options);
            var text = key.Type == "list" ? $"[{value.Replace(",", ", ", StringComparison.Ordinal)}]" : value;
            lines.Add($"{(section.Length == 0 ? "" : "  ")}{key.Name}: {text}");
        }

        return string.Join('\n', lines) + "\n";
    }

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

        return string.Join('\n', lines) + "\n";
    }
}
