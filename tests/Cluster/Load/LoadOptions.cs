namespace Deucalion.Cluster.Load;

/// <summary>How much is written, and how.</summary>
internal sealed record LoadOptions
{
    /// <summary>Senders, each with a tenant of its own and hence with a partition of its own.</summary>
    public int Senders { get; init; } = 4;

    public int SeriesPerSender { get; init; } = 20;

    /// <summary>Between two samples of a series.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Steps that a sender that is behind puts into one request.</summary>
    public int StepsPerRequest { get; init; } = 20;

    /// <summary>Whether a request that failed is sent again, as Prometheus does, or is a failure for good.</summary>
    public bool Retries { get; init; } = true;

    /// <summary>How long a sender waits for an answer before it asks the next node: short, so that what is measured is the cluster and not the sender.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Pause after the first failure; doubled up to <see cref="LongestPause"/>.</summary>
    public TimeSpan ShortestPause { get; init; } = TimeSpan.FromMilliseconds(30);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Samples a second that each sender offers.</summary>
    public double SamplesPerSecond => SeriesPerSender / Interval.TotalSeconds;
}
