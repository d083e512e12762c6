using Deucalion.Replication.Placement;

namespace Deucalion.Ingester.Routing;

/// <summary>How tenants spread over partitions.</summary>
public sealed record RoutingOptions
{
    /// <summary>Partitions of the cluster; persisted at the first start, since a series' place depends on it.</summary>
    public int Partitions { get; init; } = 256;

    /// <summary>First width of tenant <c>anonymous</c>: in a process alone it is the one that writes, so it gets two partitions a core.</summary>
    public int AnonymousWidth { get; init; } = 2 * Environment.ProcessorCount;

    /// <summary>Replicas of the partitions of a new cluster; persisted at the first start, changed by an operator's command.</summary>
    public ReplicaNumbers Replicas { get; init; } = ReplicaNumbers.One;

    /// <summary>Active series of a tenant from which another doubling is due, for each partition in use.</summary>
    public long SeriesPerPartition { get; init; } = 1_000_000;
}
