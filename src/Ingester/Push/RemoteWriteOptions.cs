namespace Deucalion.Ingester.Push;

/// <summary>Bounds of the push endpoint.</summary>
public sealed record RemoteWriteOptions
{
    /// <summary>Most buckets of a native histogram. One sample must fit a chunk, also where no two buckets are alike.</summary>
    public int MaxHistogramBuckets { get; init; } = 10_000;

    /// <summary>Bytes of bodies, compressed and decompressed, held at once; above: 503. Bounds the memory of a burst of senders.</summary>
    public long MaxInFlightBytes { get; init; } = 256L << 20;

    /// <summary>Requests held at once; above: 503. Requests wait for the disk, not for cores, so this is far above the number of cores.</summary>
    public int MaxInFlightRequests { get; init; } = 1024;

    /// <summary>What a refused sender is told to wait.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Tenant of requests without <c>X-Scope-OrgID</c>.</summary>
    public string DefaultTenant { get; init; } = "anonymous";
}
