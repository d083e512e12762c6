using Deucalion.Common.Labels;

namespace Deucalion.Storage.Tools.OpenMetrics;

/// <summary>How blocks are made from OpenMetrics text.</summary>
public sealed record OpenMetricsBlockOptions
{
    /// <summary>The shortest block: 2 h, milliseconds.</summary>
    public const long MinBlockDuration = 7_200_000;

    /// <summary>No block is longer, milliseconds: blocks take the longest of 2 h, 6 h, 18 h, … that is not.</summary>
    public long MaxBlockDuration { get; init; } = MinBlockDuration;

    /// <summary>Labels set on every series.</summary>
    public Labels Labels { get; init; } = Labels.Empty;

    /// <summary>Samples kept in memory at once; what is above takes another pass over the text.</summary>
    public long MaxSamplesPerPass { get; init; } = 16_000_000;
}
