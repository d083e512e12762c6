namespace Deucalion.Compactor.Compaction;

/// <summary>When blocks become larger ones.</summary>
public sealed record CompactionOptions
{
    /// <summary>Whether anything is merged at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>
    /// Lengths of the windows, aligned to multiples of themselves since 1970, whose blocks become one; ascending, each a multiple of the one before.
    /// </summary>
    public IReadOnlyList<TimeSpan> Levels { get; init; } = [TimeSpan.FromHours(2), TimeSpan.FromHours(12), TimeSpan.FromHours(24)];

    /// <summary>
    /// A window is left alone for so long after its end, and after the last block from a head: longer than a late sample may be on its way (the
    /// out-of-order window, the stagger of cuts, one attempt to ship), so that a window is seldom merged twice.
    /// </summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Pause between two passes over all tenants.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Tenants whose blocks are merged at one time; each keeps a core busy.</summary>
    public int Concurrency { get; init; } = 1;

    /// <summary>Most blocks that are merged into one at once; more are merged in several steps.</summary>
    public int MaxSources { get; init; } = 64;

    /// <summary>
    /// Longest time from the first object of an upload to its manifest change. Well below the age from which unlisted uploads are removed as
    /// orphans (4 h).
    /// </summary>
    public TimeSpan PublishTimeout { get; init; } = TimeSpan.FromHours(2);

    /// <summary>How long a damaged block is left out before it is tried again.</summary>
    public TimeSpan SetAsideTime { get; init; } = TimeSpan.FromHours(6);

    /// <summary>Bytes of the data directory's file system that a merge leaves to others.</summary>
    public long SpareBytes { get; init; } = 256L << 20;
}
