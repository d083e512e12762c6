using System.Collections.Concurrent;
using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;
using Deucalion.Replication.Placement;

namespace Deucalion.Ingester.Deletion;

/// <summary>The partitions of a cluster and their primaries, by the newest view. Thread-safe.</summary>
internal sealed class ClusterDeletionTargets(
    string self, IClusterViews views, IDeletionNode local, Func<NodeRecord, IDeletionNode> remote, DeletionOptions options) : IDeletionTargets
{
    private readonly ConcurrentDictionary<(string Id, string Address), IDeletionNode> _nodes = new();

    /// <inheritdoc/>
    public TimeSpan Patience => options.Patience;

    /// <inheritdoc/>
    public async Task<IReadOnlyCollection<PartitionId>> PartitionsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await views.RefreshAsync(cancellationToken)).Entries.Select(static x => x.Partition)];
        }
        catch (CoordinationException e)
        {
            throw new IOException($"the coordination store does not say which partitions there are: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public IDeletionNode? NodeOf(PartitionId partition, out string reason)
    {
        var view = views.Current;

        // A partition without a log, of which the bucket has blocks, is made as the first write would make it.
        var primary = PlacementPlanner.PrimaryOf(view, partition);
        reason = primary is null ? "no node of the cluster takes it" : $"node {primary}, which leads it, is not alive";
        return primary == self ? local
            : primary is not null && view.Find(primary) is { } node ? _nodes.GetOrAdd((node.Id, node.Address), static (_, x) => x.remote(x.node), (remote, node))
            : null;
    }

    /// <inheritdoc/>
    public void Learn(PartitionOutcome outcome)
    {
        if (outcome.KnownEntry is { } entry)
        {
            views.Learned(outcome.Partition, entry);
        }
    }

    /// <inheritdoc/>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            await views.RefreshAsync(cancellationToken);
        }
        catch (CoordinationException)
        {
            // What is known goes on being used.
        }
    }
}
