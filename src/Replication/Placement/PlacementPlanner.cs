using System.Buffers.Binary;
using System.Globalization;
using Deucalion.Common.Hashing;
using Deucalion.Common.Identifiers;
using Deucalion.Replication.Membership;

namespace Deucalion.Replication.Placement;

/// <summary>Where a partition is made that nobody has written to yet.</summary>
public static class PlacementPlanner
{
    /// <summary>
    /// The nodes of a new partition, its primary first: of the active ingesters those with the highest rendezvous scores, each in the zone that has the
    /// fewest of them so far. As many as there are where fewer than <paramref name="replicationFactor"/>. Whoever sees the same nodes finds the same, and a
    /// node that comes or goes changes as little as possible.
    /// </summary>
    public static IReadOnlyList<NodeRecord> NewPartition(ClusterView view, PartitionId partition, int replicationFactor)
    {
        var left = view.Nodes
            .Where(static node => node.State == NodeState.Active && node.IsIngester)
            .Select(node => (Node: node, Score: Score(node.Id, partition)))
            .OrderByDescending(static candidate => candidate.Score)
            .ThenBy(static candidate => candidate.Node.Id, StringComparer.Ordinal)
            .Select(static candidate => candidate.Node)
            .ToList();
        var chosen = new List<NodeRecord>();
        var crowds = new Dictionary<string, int>(StringComparer.Ordinal);
        while (chosen.Count < replicationFactor && left.Count > 0)
        {
            // The first one of those with the least: the order is by score.
            var next = left.MinBy(node => crowds.GetValueOrDefault(node.Zone))!;
            left.Remove(next);
            chosen.Add(next);
            crowds[next.Zone] = crowds.GetValueOrDefault(next.Zone) + 1;
        }

        return chosen;
    }

    /// <summary>
    /// The node to turn to about a partition: the one that leads it, alive or not, or that would where nobody has written to it yet; null where no node takes it.
    /// </summary>
    public static string? PrimaryOf(ClusterView view, PartitionId partition) =>
        view.EntryOf(partition)?.Primary ?? NewPartition(view, partition, 1).Select(static node => node.Id).FirstOrDefault();

    private static ulong Score(string node, PartitionId partition)
    {
        Span<byte> key = stackalloc byte[20];
        BinaryPrimitives.WriteUInt128LittleEndian(key, UInt128.Parse(node, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        BinaryPrimitives.WriteInt32LittleEndian(key[16..], partition.Value);
        return XxHash64.Compute(key);
    }
}
