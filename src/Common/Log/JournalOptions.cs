namespace Deucalion.Common.Log;

/// <summary>How a journal works. Fixed while it is open.</summary>
public sealed class JournalOptions
{
    /// <summary>Directory of the journal's files; created where absent.</summary>
    public required string Directory { get; init; }

    /// <summary>When a record counts as durable.</summary>
    public JournalSync Sync { get; init; } = JournalSync.Batch;

    /// <summary>Longest time between syncs with <see cref="JournalSync.Interval"/>.</summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A segment is closed when the next round would make it longer. 128 MiB: small enough to be given back soon, large enough to be rare.</summary>
    public int SegmentBytes { get; init; } = 128 << 20;

    /// <summary>A round takes no more records after this many bytes: bounds the memory of a reader.</summary>
    public int MaxRoundBytes { get; init; } = 8 << 20;

    /// <summary>Records wait in memory up to this many bytes; then appends are refused.</summary>
    public long MaxPendingBytes { get; init; } = 256L << 20;

    /// <summary>With less than this free on the disk only records that help to free space are taken (cut, truncate, protocol records).</summary>
    public long ReserveBytes { get; init; } = 64L << 20;

    /// <summary>How often the free space is looked at: so long may it take to be seen that a disk is no longer full.</summary>
    public TimeSpan SpaceCheckInterval { get; init; } = TimeSpan.FromSeconds(1);
}
