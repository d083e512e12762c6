namespace Deucalion.Ingester.Push;

/// <summary>What a series or sample must keep to be stored. Beyond a limit it is rejected by name of reason, the rest of the request is stored.</summary>
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

    /// <summary>How far a sample may be ahead of this node's clock. 10 minutes as in Prometheus: more points at a broken clock.</summary>
    public TimeSpan MaxFuture { get; init; } = TimeSpan.FromMinutes(10);
}
