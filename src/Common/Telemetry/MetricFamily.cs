namespace Deucalion.Common.Telemetry;

/// <summary>Type of a metric family in the text format.</summary>
public enum MetricType
{
    /// <summary>Only goes up.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Classic histogram: buckets, sum and count.</summary>
    Histogram,
}

/// <summary>One line of a family: name suffix (<c>_bucket</c>, <c>_sum</c>, <c>_count</c> or empty), labels in order of writing, value.</summary>
public readonly record struct MetricPoint(string Suffix, IReadOnlyList<KeyValuePair<string, string>> Labels, double Value);

/// <summary>The state of one metric at one moment.</summary>
public sealed record MetricFamily(string Name, string Help, MetricType Type, IReadOnlyList<MetricPoint> Points);
