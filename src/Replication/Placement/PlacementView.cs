using System.Collections.Immutable;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;

namespace Deucalion.Replication.Placement;

/// <summary>
/// Width of every tenant and wanted replicas of every partition, as an immutable numbered view. A wider tenant is read over old and new partitions (the wider set holds the narrower), and
/// written to over the width of the view in force.
/// </summary>
public sealed class PlacementView
{
    private readonly ImmutableDictionary<TenantId, TenantPartitions> _tenants;
    private readonly int _defaultWidth;

    private readonly IReadOnlyDictionary<PartitionId, ReplicaNumbers> _ownNumbers;

    private PlacementView(
        long version,
        int partitions,
        int defaultWidth,
        ImmutableDictionary<TenantId, TenantPartitions> tenants,
        ReplicaNumbers numbers,
        IReadOnlyDictionary<PartitionId, ReplicaNumbers> ownNumbers)
    {
        Numbers = numbers;
        _ownNumbers = ownNumbers;
        Version = version;
        Partitions = partitions;
        _defaultWidth = defaultWidth;
        _tenants = tenants;
    }

    /// <summary>Number of the view; a later one is larger.</summary>
    public long Version { get; }

    /// <summary>Number of partitions of the cluster.</summary>
    public int Partitions { get; }

    /// <summary>Widths that differ from the default.</summary>
    public IEnumerable<TenantPartitions> Tenants => _tenants.Values;

    /// <summary>Wanted replicas of a partition that has no numbers of its own.</summary>
    public ReplicaNumbers Numbers { get; }

    /// <summary>A view in which every tenant but those named has the default width, and every partition one replica.</summary>
    public static PlacementView Create(long version, int partitions, int defaultWidth, IEnumerable<TenantPartitions> tenants) =>
        new(version, partitions, defaultWidth, tenants.ToImmutableDictionary(static entry => entry.Tenant), ReplicaNumbers.One, ImmutableDictionary<PartitionId, ReplicaNumbers>.Empty);

    /// <summary>Wanted replicas of a partition.</summary>
    public ReplicaNumbers NumbersOf(PartitionId partition) => _ownNumbers.GetValueOrDefault(partition, Numbers);

    /// <summary>Partitions of a tenant. For a tenant that the view does not name this computes its order: keep the result.</summary>
    public TenantPartitions Of(TenantId tenant) =>
        _tenants.TryGetValue(tenant, out var found) ? found : TenantPartitions.Create(tenant, Partitions, _defaultWidth);

    /// <summary>The next view, with a tenant of this width.</summary>
    public PlacementView WithWidth(TenantId tenant, int width) =>
        new(Version + 1, Partitions, _defaultWidth, _tenants.SetItem(tenant, Of(tenant).WithWidth(width)), Numbers, _ownNumbers);

    /// <summary>The same view with other numbers of replicas.</summary>
    internal PlacementView WithNumbers(ReplicaNumbers numbers, IReadOnlyDictionary<PartitionId, ReplicaNumbers> ownNumbers) =>
        new(Version, Partitions, _defaultWidth, _tenants, numbers, ownNumbers);

    /// <summary>
    /// The width that suits a number of active series: doubled from the present one until a partition has at most <paramref name="seriesPerPartition"/>.
    /// Never narrower than now.
    /// </summary>
    public static int WidthFor(int width, long activeSeries, long seriesPerPartition, int partitions)
    {
        while (width < partitions && activeSeries > width * seriesPerPartition)
        {
            width = Math.Min(partitions, width * 2);
        }

        return width;
    }
}
