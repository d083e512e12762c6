using Deucalion.Common.Limits;
using V = Deucalion.Node.Configuration.ConfigValue;

namespace Deucalion.Node.Configuration;

/// <summary>Every limit of a tenant, in the order in which the documentation shows them.</summary>
internal static class LimitSchema
{
    private const string Number = "number";
    private const string OptionalNumber = "number or off";

    /// <summary>The keys.</summary>
    public static readonly IReadOnlyList<LimitKey> Keys =
    [
        new(LimitName.IngestionRate, OptionalNumber, "Samples a second that a tenant may send, to all nodes together: each takes the rate divided by the nodes that are alive.",
            static (l, v) => l with { IngestionRate = V.OptionalNumber(v) }, static l => V.NumberText(l.IngestionRate)),
        new(LimitName.IngestionBurst, Number, "Samples that each node takes at once above the rate, and so the most that one request may hold where there is a rate.",
            static (l, v) => l with { IngestionBurst = V.Number(v, 1, long.MaxValue) }, static l => V.Text(l.IngestionBurst)),
        new(LimitName.MaxActiveSeries, OptionalNumber, "Series with samples of the last two to three hours that a tenant may have in the whole cluster; each of its partitions takes an even share.",
            static (l, v) => l with { MaxActiveSeries = V.OptionalNumber(v) }, static l => V.NumberText(l.MaxActiveSeries)),
        new(LimitName.MaxLabelsPerSeries, Number, "Labels a series may have.",
            static (l, v) => l with { MaxLabelsPerSeries = (int)V.Number(v, 1, int.MaxValue) }, static l => V.Text(l.MaxLabelsPerSeries)),
        new(LimitName.MaxLabelNameLength, Number, "Bytes a label name may have.",
            static (l, v) => l with { MaxLabelNameLength = (int)V.Number(v, 1, int.MaxValue) }, static l => V.Text(l.MaxLabelNameLength)),
        new(LimitName.MaxLabelValueLength, Number, "Bytes a label value may have.",
            static (l, v) => l with { MaxLabelValueLength = (int)V.Number(v, 1, int.MaxValue) }, static l => V.Text(l.MaxLabelValueLength)),
        new(LimitName.MaxRequestSize, "size", "Largest remote-write request, compressed and decompressed alike.",
            static (l, v) => l with { MaxRequestBytes = (int)Math.Min(int.MaxValue, V.PositiveSize(v)) }, static l => V.SizeText(l.MaxRequestBytes)),
        new(LimitName.QueryTimeout, "duration", "Longest time a query may take, waiting included.",
            static (l, v) => l with { QueryTimeout = V.PositiveDuration(v) }, static l => V.Text(l.QueryTimeout)),
        new(LimitName.QueryMaxSamples, Number, "Samples that one query may hold in memory.",
            static (l, v) => l with { QueryMaxSamples = V.Number(v, 1, long.MaxValue) }, static l => V.Text(l.QueryMaxSamples)),
        new(LimitName.QueryMaxBytes, "size", "Memory that one query may hold.",
            static (l, v) => l with { QueryMaxBytes = V.PositiveSize(v) }, static l => V.SizeText(l.QueryMaxBytes)),
        new(LimitName.QueryMaxRange, "duration or off", "Longest time that any selector of a query may look at: from start to end of the query, and its lookback or range before that.",
            static (l, v) => l with { QueryMaxRange = V.OptionalDuration(v) }, static l => V.Text(l.QueryMaxRange)),
        new(LimitName.QueryMaxConcurrent, Number, "Queries of a tenant that run at one time on each node; others wait.",
            static (l, v) => l with { QueryMaxConcurrent = (int)V.Number(v, 1, int.MaxValue) }, static l => V.Text(l.QueryMaxConcurrent)),
        new(LimitName.RetentionTime, "duration or off", "Blocks of the tenant whose newest sample is older are deleted, whatever the node's own value is.",
            static (l, v) => l with { RetentionTime = V.OptionalDuration(v) }, static l => V.Text(l.RetentionTime)),
        new(LimitName.RetentionSize, "size or off", "When the blocks of the tenant take more, its oldest are deleted.",
            static (l, v) => l with { RetentionSize = V.OptionalSize(v) }, static l => V.SizeText(l.RetentionSize)),
    ];

    /// <summary>The keys by name.</summary>
    public static readonly IReadOnlyDictionary<string, LimitKey> ByName = Keys.ToDictionary(static key => key.Name);

    /// <summary>Names of all keys, for messages.</summary>
    public static string Names => string.Join(", ", Keys.Select(static key => key.Name));

    /// <summary>The node's own bounds, which are the limits of tenants for which nothing is configured.</summary>
    public static TenantLimits BoundsOf(NodeOptions options) => new()
    {
        MaxLabelsPerSeries = (int)options.MaxLabelsPerSeries,
        MaxLabelNameLength = (int)options.MaxLabelNameBytes,
        MaxLabelValueLength = (int)options.MaxLabelValueBytes,
        MaxRequestBytes = (int)Math.Min(int.MaxValue, options.MaxRequestBytes),
        QueryTimeout = options.QueryTimeout,
        QueryMaxSamples = options.QueryMaxSamples,
        QueryMaxBytes = options.QueryMaxBytes,
        QueryMaxConcurrent = (int)options.QueryMaxConcurrent,
        RetentionTime = options.RetentionTime,
        RetentionSize = options.RetentionSize,
    };

    /// <summary>The keys as rows of a table in Markdown.</summary>
    public static IEnumerable<string> ToMarkdown()
    {
        yield return "| key | value | default | meaning |";
        yield return "|---|---|---|---|";
        foreach (var key in Keys)
        {
            var standard = LimitNames.NodeKeyOf(key.Limit) is { } node ? $"`{node}`" : $"`{key.Get(TenantLimits.Default)}`";
            yield return $"| `{key.Name}` | {key.Type} | {standard} | {key.Description} |";
        }
    }
}
