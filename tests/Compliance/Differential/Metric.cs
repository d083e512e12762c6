namespace Deucalion.Compliance.Differential;

/// <summary>What kind of values a metric of the random data has.</summary>
public enum MetricKind
{
    Counter,
    Gauge,
    Classic,
    Native,
    Mixed,
}

/// <summary>One metric of the random data; the labels are those beside the name.</summary>
public sealed record Metric(string Name, MetricKind Kind, string[] Labels)
{
    private static readonly string[] Target = ["job", "instance"];

    public static IReadOnlyList<Metric> All { get; } =
    [
        new("requests_total", MetricKind.Counter, ["job", "instance", "code"]),
        new("failures_total", MetricKind.Counter, Target),
        new("latency_seconds_count", MetricKind.Counter, Target),
        new("latency_seconds_sum", MetricKind.Counter, Target),
        new("load", MetricKind.Gauge, Target),
        new("temp_celsius", MetricKind.Gauge, ["job", "instance", "zone"]),
        new("weird", MetricKind.Gauge, Target),
        new("huge", MetricKind.Gauge, Target),
        new("start_time_seconds", MetricKind.Gauge, Target),
        new("build_info", MetricKind.Gauge, ["job", "instance", "version"]),
        new("latency_seconds_bucket", MetricKind.Classic, ["job", "instance", "le"]),
        new("odd_bucket", MetricKind.Classic, ["job", "layout", "le"]),
        new("nh_seconds", MetricKind.Native, Target),
        new("nh_float_seconds", MetricKind.Native, Target),
        new("nh_gauge", MetricKind.Native, Target),
        new("nhcb_seconds", MetricKind.Native, Target),
        new("mixed", MetricKind.Mixed, Target),
    ];

    public bool IsFloat => Kind is MetricKind.Counter or MetricKind.Gauge or MetricKind.Classic;

    public bool IsTarget => Labels.Length == 2;
}
