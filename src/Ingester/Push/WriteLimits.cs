namespace Deucalion.Ingester.Push;

/// <summary>What a series and its samples must keep to be stored. What is beyond a limit is rejected by name of reason, the rest of the request is stored.</summary>
public sealed record WriteLimits
{
    /// <summary>The defaults.</summary>
    public static readonly WriteLimits Default = new();

    /// <summary>Longest label name in bytes. Real names are far below; the bound keeps garbage out of the index.</summary>
    public int MaxLabelNameLength { get; init; } = 1024;

    /// <summary>Longest label value in bytes. Generous, since Prometheus itself has no limit.</summary>
    public int MaxLabelValueLength { get; init; } = 16 * 1024;

    /// <summary>Most labels of a series.</summary>
    public int MaxLabels { get; init; } = 256;

    /// <summary>Most buckets of a native histogram. One sample must fit a chunk, also where no two buckets are alike.</summary>
    public int MaxHistogramBuckets { get; init; } = 10_000;
}
