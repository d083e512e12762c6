using Deucalion.Common.Identifiers;
using Deucalion.Replication.Membership;

namespace Deucalion.Replication.Coordination;

/// <summary>
/// What a cluster whose disks are all lost has left in its coordination store: entries of partitions whose logs are gone, records of nodes that will not
/// come back. New nodes take a log that is missing for a fault, not for an empty one, and refuse writes until this is forgotten. Thread-safe.
/// </summary>
public sealed class LostCluster(ICoordinationStore store, TimeProvider time)
{
    // A store that tells dead from alive by looking again and again needs several looks, none far from the last, over a time to live.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    /// <summary>The entries of partitions, by rising partition.</summary>
    public async Task<IReadOnlyList<(PartitionId Partition, PartitionEntry Entry)>> PartitionsAsync(CancellationToken cancellationToken) =>
        [.. (await PartitionTable.AllAsync(store, cancellationToken)).Select(static found => (found.Key, found.Value))];

    /// <summary>
    /// Leases that are held: looks until there is none, or for three times as long as one lives without its owner. Each is the name of a lease and its owner.
    /// </summary>
    public async Task<IReadOnlyList<(string Lease, string Owner)>> AliveAsync(CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + (3 * store.RecommendedTimeToLive);
        while (true)
        {
            var alive = (await store.LeasesAsync(string.Empty, cancellationToken)).Where(static x => x.IsAlive).Select(static x => (x.Name, x.Owner)).ToList();
            if (alive.Count == 0 || time.GetUtcNow() >= until)
            {
                return alive;
            }

            await Task.Delay(LookInterval, time, cancellationToken);
        }
    }

    /// <summary>
    /// Forgets partitions and nodes; returns how many of each. The number of partitions, the widths of tenants and the numbers of leases' holders stay, so that
    /// nothing that was decided by them is decided otherwise. Only when no node is alive. May be repeated.
    /// </summary>
    public async Task<(int Partitions, int Nodes)> ForgetAsync(CancellationToken cancellationToken) =>
        (await ForgetAsync(PartitionEntry.KeyPrefix, cancellationToken), await ForgetAsync(NodeRecord.KeyPrefix, cancellationToken));

    private async Task<int> ForgetAsync(string prefix, CancellationToken cancellationToken)
    {
        var forgotten = 0;
        foreach (var document in await store.ListAsync(prefix, cancellationToken))
        {
            if (!await store.DeleteIfAsync(document.Key, document.Revision, cancellationToken))
            {
                throw new CoordinationException($"{document.Key} has just been changed: a node is alive; stop all nodes first", null);
            }

            forgotten++;
        }

        return forgotten;
    }
}
