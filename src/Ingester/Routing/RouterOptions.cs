namespace Deucalion.Ingester.Routing;

/// <summary>How long a write waits for a partition to be found again.</summary>
public sealed record RouterOptions
{
    /// <summary>How long a write waits for another primary before it is rerouted: a little longer than a failover usually takes.</summary>
    public TimeSpan FailoverWait { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A partition that was found unavailable is not tried again for so long; then one request tries, for <see cref="ProbeWait"/>.</summary>
    public TimeSpan RerouteFor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long that request tries: on a node that few ask every one may be it, and its sender is not to wait long.</summary>
    public TimeSpan ProbeWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long each of the next partitions is waited for.</summary>
    public TimeSpan RerouteWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many of the tenant's next partitions are tried.</summary>
    public int RerouteAttempts { get; init; } = 8;

    /// <summary>Longest wait for the answer of a node.</summary>
    public TimeSpan CallDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// While a write waits, the coordinator tells of a new primary by itself; only a view older than this is read from the store anew, during the pauses.
    /// </summary>
    public TimeSpan MaxViewAge { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>First pause between attempts; it doubles.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Longest pause between attempts.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(1);
}
