namespace Deucalion.Ingester.Shipping;

/// <summary>When windows become blocks, and how shipping goes about failures.</summary>
public sealed record ShippingOptions
{
    /// <summary>How often partitions are looked through for windows that are due.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Partitions wait up to this long, each its own share, so that they do not all write blocks when a window ends.</summary>
    public TimeSpan Stagger { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>First pause after a failure; it doubles up to <see cref="MaxBackoff"/>.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause after failures: an object store that comes back is used again within this time.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Longest time from the first object of an upload to its manifest change; afterwards a new attempt uploads anew. Must stay well below the age
    /// from which unlisted uploads are removed as orphans (4 h), or a block could be listed and removed at once.
    /// </summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Generations written and uploaded at once: enough to hide the latency of uploads, few enough to leave the cores to queries.</summary>
    public int Concurrency { get; init; } = 2;
}
