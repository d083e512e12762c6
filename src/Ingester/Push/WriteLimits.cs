namespace Deucalion.Ingester.Push;

/// <summary>What the labels of a series must keep to be stored. Beyond a limit it is rejected by name of reason, the rest of the request is stored.</summary>
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
}
