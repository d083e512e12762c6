namespace Deucalion.Ingester.Partitions;

/// <summary>Bounds of a partition.</summary>
public sealed record PartitionOptions
{
    /// <summary>
    /// Log bytes since the last checkpoint from which a new one is taken: bounds what a restart replays (a second or so a partition) and how long the
    /// journal keeps segments.
    /// </summary>
    public long CheckpointBytes { get; init; } = 128L << 20;

    /// <summary>Segments that the journal may have before the partition that pins the oldest one is checkpointed.</summary>
    public int MaxJournalSegments { get; init; } = 8;

    /// <summary>Requests that wait in a partition's mailbox; more are refused with 503 rather than queued.</summary>
    public int MailboxLength { get; init; } = 1024;

    /// <summary>Bytes staged and not yet committed in one partition; more requests are refused with 503 rather than held in memory.</summary>
    public long MaxPendingBytes { get; init; } = 64L << 20;

    /// <summary>Longest wait for the answer of a partition to a cut, truncation or checkpoint: a checkpoint ahead of it in the mailbox may take seconds.</summary>
    public TimeSpan AskTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Longest time that a request waits for a partition that is being opened here; then the sender, or the router, tries again.</summary>
    public TimeSpan OpenPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest time that a partition which stops waits for what is in its log to be committed; then the requests are told to try again.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(5);
}
