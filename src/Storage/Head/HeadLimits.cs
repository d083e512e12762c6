namespace Deucalion.Storage.Head;

/// <summary>What a sample must keep to be staged. Immutable.</summary>
public sealed record HeadLimits
{
    /// <summary>The defaults.</summary>
    public static readonly HeadLimits Default = new();

    /// <summary>How far a sample may lie behind the newest of its series. 30 minutes: enough for a sender's retries and outages; zero refuses all.</summary>
    public TimeSpan OutOfOrderWindow { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How far a sample may be ahead of the clock. 10 minutes as in Prometheus: more points at a broken clock.</summary>
    public TimeSpan MaxFuture { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Most series of the head, or null for no limit.</summary>
    public int? MaxSeries { get; init; }

    /// <summary>Most exemplars that the head keeps: a new one takes the place of the oldest. Zero keeps none.</summary>
    public int MaxExemplars { get; init; } = 10_000;
}
