using Deucalion.Common.Identifiers;
using Deucalion.Replication.Cluster;
using Deucalion.Replication.Membership;

namespace Deucalion.Ingester.Read;

/// <summary>The targets of a query in a cluster: the ingesters and partitions of the newest view. Thread-safe.</summary>
internal sealed class ClusterTargets : IReadTargets
{
    private readonly ClusterMember _cluster;
    private readonly TimeProvider _time;
    private volatile Known _known;

    public ClusterTargets(ClusterMember cluster, TimeProvider time)
    {
        _cluster = cluster;
        _time = time;
        _known = new Known(cluster.Views.Current, [], [], []);
        cluster.Views.Subscribe(view => _known = Of(view));
    }

    /// <inheritdoc/>
    public IReadOnlyList<ReadTarget> Current => _known.Targets;

    /// <inheritdoc/>
    public IReadOnlyList<ReadTarget> WithoutLease => _known.WithoutLease;

    /// <inheritdoc/>
    public IReadOnlyCollection<PartitionId> KnownPartitions => _known.Partitions;

    /// <inheritdoc/>
    public TimeSpan Age => _cluster.Views.Current.Age(_time);

    /// <inheritdoc/>
    public async Task RefreshAsync(CancellationToken cancellationToken) => _known = Of(await _cluster.Views.RefreshAsync(cancellationToken));

    private Known Of(ClusterView view) => new(
        view,
        Targets(view.Nodes),
        Targets(view.PrimariesWithoutLease()),
        view.Entries.Select(static entry => entry.Partition).ToHashSet());

    private IReadOnlyList<ReadTarget> Targets(IEnumerable<NodeRecord> nodes) =>
        [.. nodes.Where(static node => node.IsIngester).Select(node => new ReadTarget(node.Id, node.Address, node.Id == _cluster.NodeId))];

    private sealed record Known(ClusterView View, IReadOnlyList<ReadTarget> Targets, IReadOnlyList<ReadTarget> WithoutLease, HashSet<PartitionId> Partitions);
}
