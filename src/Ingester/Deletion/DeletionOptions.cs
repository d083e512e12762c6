namespace Deucalion.Ingester.Deletion;

/// <summary>How tenants are deleted.</summary>
public sealed record DeletionOptions
{
    /// <summary>How often deletions that the manifest does not show yet are tried again.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request goes on asking partitions of a cluster that do not answer: longer than a failover takes. A process alone asks once.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Longest wait for the answer of a node.</summary>
    public TimeSpan CallDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>First pause between attempts; it doubles.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest pause between attempts.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Partitions that a node works on at once: each waits for the log and for some requests to the bucket.</summary>
    public int Concurrency { get; init; } = 16;
}
