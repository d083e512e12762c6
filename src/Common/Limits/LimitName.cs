namespace Deucalion.Common.Limits;

/// <summary>What of a tenant is limited.</summary>
public enum LimitName
{
    /// <summary>Samples a second.</summary>
    IngestionRate,

    /// <summary>Samples that may come at once.</summary>
    IngestionBurst,

    /// <summary>Series with recent samples.</summary>
    MaxActiveSeries,

    /// <summary>Labels of a series.</summary>
    MaxLabelsPerSeries,

    /// <summary>Bytes of a label's name.</summary>
    MaxLabelNameLength,

    /// <summary>Bytes of a label's value.</summary>
    MaxLabelValueLength,

    /// <summary>Bytes of a remote-write request.</summary>
    MaxRequestSize,

    /// <summary>Time of a query.</summary>
    QueryTimeout,

    /// <summary>Samples that a query holds.</summary>
    QueryMaxSamples,

    /// <summary>Bytes that a query holds.</summary>
    QueryMaxBytes,

    /// <summary>Time that a query looks at.</summary>
    QueryMaxRange,

    /// <summary>Queries at one time.</summary>
    QueryMaxConcurrent,

    /// <summary>Age of blocks.</summary>
    RetentionTime,

    /// <summary>Bytes of blocks.</summary>
    RetentionSize,
}

/// <summary>Texts of <see cref="LimitName"/>.</summary>
public static class LimitNames
{
    private static readonly (string Key, string? NodeKey)[] Keys =
    [
        ("ingestion_rate", null),
        ("ingestion_burst", null),
        ("max_active_series", null),
        ("max_labels_per_series", "ingest.max_labels_per_series"),
        ("max_label_name_length", "ingest.max_label_name_length"),
        ("max_label_value_length", "ingest.max_label_value_length"),
        ("max_request_size", "ingest.max_request_size"),
        ("query_timeout", "query.timeout"),
        ("query_max_samples", "query.max_samples"),
        ("query_max_bytes", "query.max_bytes"),
        ("query_max_range", null),
        ("query_max_concurrent", "query.max_concurrent"),
        ("retention_time", "retention.time"),
        ("retention_size", "retention.size"),
    ];

    /// <summary>The key below <c>limits.defaults</c> and <c>limits.overrides.TENANT</c>.</summary>
    public static string KeyOf(LimitName name) => Keys[(int)name].Key;

    /// <summary>The key of the node's own value, which holds where nothing is configured for a tenant; null where the node has none.</summary>
    public static string? NodeKeyOf(LimitName name) => Keys[(int)name].NodeKey;

    /// <summary>Whether no tenant's limit goes beyond the node's own value. What tenants keep is theirs.</summary>
    public static bool IsBounded(LimitName name) => NodeKeyOf(name) is not null && name is not (LimitName.RetentionTime or LimitName.RetentionSize);
}
