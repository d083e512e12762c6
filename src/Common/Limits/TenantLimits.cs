namespace Deucalion.Common.Limits;

/// <summary>The limits of one tenant. Immutable: a request uses those that were in force when it began.</summary>
public sealed record TenantLimits
{
    /// <summary>The limits of a node without configuration.</summary>
    public static readonly TenantLimits Default = new();

    /// <summary>Samples a second, of all nodes together; null for no limit. None by default: a single user should not have to know of it.</summary>
    public long? IngestionRate { get; init; }

    /// <summary>Samples that a node takes at once above the rate. 200,000 are a hundred requests of usual senders.</summary>
    public long IngestionBurst { get; init; } = 200_000;

    /// <summary>Series with recent samples, of all nodes together; null for no limit.</summary>
    public long? MaxActiveSeries { get; init; }

    /// <summary>Most labels of a series.</summary>
    public int MaxLabelsPerSeries { get; init; } = 256;

    /// <summary>Longest label name in bytes. Real names are far below; the bound keeps garbage out of the index.</summary>
    public int MaxLabelNameLength { get; init; } = 1024;

    /// <summary>Longest label value in bytes. Generous, since Prometheus itself has no limit.</summary>
    public int MaxLabelValueLength { get; init; } = 16 * 1024;

    /// <summary>Largest remote-write request in bytes, compressed and decompressed alike. 32 MiB as in Prometheus.</summary>
    public int MaxRequestBytes { get; init; } = 32 << 20;

    /// <summary>Longest time of a query, waiting included.</summary>
    public TimeSpan QueryTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Most samples that a query holds at a time.</summary>
    public long QueryMaxSamples { get; init; } = 50_000_000;

    /// <summary>Most memory that a query holds at a time, bytes.</summary>
    public long QueryMaxBytes { get; init; } = 1L << 30;

    /// <summary>Longest time that a selector of a query looks at, from its oldest to its newest sample; null for no limit.</summary>
    public TimeSpan? QueryMaxRange { get; init; }

    /// <summary>Queries that run at one time on a node; others wait.</summary>
    public int QueryMaxConcurrent { get; init; } = 20;

    /// <summary>Blocks whose samples are all older go; null: none does. It may be longer than the node's own value, or shorter.</summary>
    public TimeSpan? RetentionTime { get; init; }

    /// <summary>While the blocks of the tenant have more bytes, the oldest go; null: none does.</summary>
    public long? RetentionSize { get; init; }

    /// <summary>The node's own bounds, which no tenant's limit goes beyond; null where these limits are the bounds themselves.</summary>
    public TenantLimits? Bounds { get; init; }

    /// <summary>The limit as a number: bytes, samples, milliseconds; <see cref="long.MaxValue"/> for no limit.</summary>
    public long ValueOf(LimitName name) => name switch
    {
        LimitName.IngestionRate => IngestionRate ?? long.MaxValue,
        LimitName.IngestionBurst => IngestionBurst,
        LimitName.MaxActiveSeries => MaxActiveSeries ?? long.MaxValue,
        LimitName.MaxLabelsPerSeries => MaxLabelsPerSeries,
        LimitName.MaxLabelNameLength => MaxLabelNameLength,
        LimitName.MaxLabelValueLength => MaxLabelValueLength,
        LimitName.MaxRequestSize => MaxRequestBytes,
        LimitName.QueryTimeout => (long)QueryTimeout.TotalMilliseconds,
        LimitName.QueryMaxSamples => QueryMaxSamples,
        LimitName.QueryMaxBytes => QueryMaxBytes,
        LimitName.QueryMaxRange => QueryMaxRange is { } range ? (long)range.TotalMilliseconds : long.MaxValue,
        LimitName.QueryMaxConcurrent => QueryMaxConcurrent,
        LimitName.RetentionTime => RetentionTime is { } time ? (long)time.TotalMilliseconds : long.MaxValue,
        LimitName.RetentionSize => RetentionSize ?? long.MaxValue,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "unknown limit"),
    };

    /// <summary>Whether the tenant has as much as the node gives: then it is the node's key that must be raised.</summary>
    public bool IsAtBound(LimitName name) => LimitNames.IsBounded(name) && ValueOf(name) >= (Bounds ?? this).ValueOf(name);

    /// <summary>These limits as far as the node's own bounds allow them.</summary>
    public TenantLimits Within(TenantLimits bounds) => this with
    {
        MaxLabelsPerSeries = Math.Min(MaxLabelsPerSeries, bounds.MaxLabelsPerSeries),
        MaxLabelNameLength = Math.Min(MaxLabelNameLength, bounds.MaxLabelNameLength),
        MaxLabelValueLength = Math.Min(MaxLabelValueLength, bounds.MaxLabelValueLength),
        MaxRequestBytes = Math.Min(MaxRequestBytes, bounds.MaxRequestBytes),
        QueryTimeout = QueryTimeout < bounds.QueryTimeout ? QueryTimeout : bounds.QueryTimeout,
        QueryMaxSamples = Math.Min(QueryMaxSamples, bounds.QueryMaxSamples),
        QueryMaxBytes = Math.Min(QueryMaxBytes, bounds.QueryMaxBytes),
        QueryMaxConcurrent = Math.Min(QueryMaxConcurrent, bounds.QueryMaxConcurrent),
        Bounds = bounds,
    };
}
