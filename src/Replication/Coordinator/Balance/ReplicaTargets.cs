using System.Buffers.Binary;
using Deucalion.Common.Hashing;
using Deucalion.Common.Identifiers;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Coordinator.Balance;

/// <summary>
/// Works out where replicas are to be: what is there stays as far as it can, what is missing goes to the zone with the fewest and the node with the
/// fewest, then loads are evened out by as few moves as possible.
/// </summary>
internal sealed class ReplicaTargets(TargetPlacement target)
{
    private bool _isShort;

    public void WorkOut()
    {
        Give();
        for (var partition = 0; partition < target.Partitions.Count; partition++)
        {
            Spread(partition);
        }

        // What was just given out costs nothing to be put elsewhere. While replicas are missing that is all: repairs come first.
        new Leveller(new ReplicaLevels(target, onlyNew: true)).Level();
        if (!_isShort)
        {
            new Leveller(new ReplicaLevels(target, onlyNew: false)).Level();
        }
    }

    /// <summary>
    /// Instead of <see cref="WorkOut"/>: to which nodes the spread over zones would take what a partition's move brings, once the move counts no more. Empty where
    /// the move leaves its replicas spread no worse.
    /// </summary>
    public IReadOnlyList<int> Undoing(int partition)
    {
        Give();
        var move = target.Partitions[partition].Move!;
        var (from, to) = (target.NumberOf(move.From), target.NumberOf(move.To));
        return target.Has(partition, to) && target.IsCrowded(partition, to, from)
            ? [.. Enumerable.Range(0, target.Nodes.Length).Where(node => target.IsToSpread(partition, to, node))]
            : [];
    }

    private void Give()
    {
        for (var partition = 0; partition < target.Partitions.Count; partition++)
        {
            Keep(partition);
        }

        for (var partition = 0; partition < target.Partitions.Count; partition++)
        {
            DropSurplus(partition);
        }

        for (var partition = 0; partition < target.Partitions.Count; partition++)
        {
            Fill(partition);
        }
    }

    private static ulong Rendezvous(PartitionId partition, NodeId node)
    {
        Span<byte> key = stackalloc byte[20];
        BinaryPrimitives.WriteUInt128LittleEndian(key, node.Value);
        BinaryPrimitives.WriteInt32LittleEndian(key[16..], partition.Value);
        return XxHash64.Compute(key);
    }

    private void Keep(int partition)
    {
        var (_, entry, _, move) = target.Partitions[partition];
        foreach (var replica in entry.InSync.AddRange(entry.Learners))
        {
            var node = target.NumberOf(replica.Node);
            if (!target.Nodes[node].Empties && replica.Node != move?.From)
            {
                target.Add(partition, node);
            }
        }

        if (move is not null && !target.Has(partition, target.NumberOf(move.To)))
        {
            target.Add(partition, target.NumberOf(move.To));
        }
    }

    /// <summary>Leaves out what is one too many: learners before members of equal standing, and of members the one that the primary would remove.</summary>
    private void DropSurplus(int partition)
    {
        var (_, entry, wanted, _) = target.Partitions[partition];
        while (target.ReplicasOf(partition).Count > wanted.ReplicationFactor)
        {
            var tooMany = entry.InSync.Length > wanted.ReplicationFactor;
            var dropped = -1;
            foreach (var node in target.ReplicasOf(partition))
            {
                var id = target.Nodes[node].Id;
                if (dropped < 0 || (tooMany ? Shrinks(entry, id, target.Nodes[dropped].Id) : Standing(partition, node).CompareTo(Standing(partition, dropped)) > 0))
                {
                    dropped = node;
                }
            }

            target.Remove(partition, dropped);
        }
    }

    /// <summary>The highest goes first: from the fullest zone, from the fullest node, learners before members, the primary last.</summary>
    private (int Crowd, int Load, bool IsLearner, bool IsBackup, int Number) Standing(int partition, int node)
    {
        var entry = target.Partitions[partition].Entry;
        var id = target.Nodes[node].Id;
        return (target.Crowd(partition, node), target.Load(node), entry.InSyncOn(id) is null, entry.Primary != id, node);
    }

    /// <summary>Whether the primary, which removes its last member first, removes this one before the other.</summary>
    private static bool Shrinks(TableEntry entry, NodeId node, NodeId other)
    {
        var position = PositionOf(entry, node);
        return node != entry.Primary && (other == entry.Primary || position > PositionOf(entry, other));
    }

    private static int PositionOf(TableEntry entry, NodeId node)
    {
        for (var i = 0; i < entry.InSync.Length; i++)
        {
            if (entry.InSync[i].Node == node)
            {
                return i;
            }
        }

        return int.MaxValue;
    }

    private void Fill(int partition)
    {
        var (id, entry, wanted, _) = target.Partitions[partition];
        while (target.ReplicasOf(partition).Count < wanted.ReplicationFactor)
        {
            var found = -1;
            for (var node = 0; node < target.Nodes.Length; node++)
            {
                if (target.Nodes[node].Takes && !target.Has(partition, node) && (found < 0 || IsBetter(partition, id, node, found)))
                {
                    found = node;
                }
            }

            if (found < 0)
            {
                return;
            }

            target.Add(partition, found);
            _isShort |= !target.HasNow(partition, found) && IsRepair(entry);
        }
    }

    /// <summary>Whether the partition lacks replicas that are alive; otherwise a node just leaves.</summary>
    private bool IsRepair(TableEntry entry)
    {
        var alive = 0;
        foreach (var replica in entry.InSync)
        {
            alive += target.Nodes[target.NumberOf(replica.Node)].IsAlive ? 1 : 0;
        }

        return alive < entry.ReplicationFactor;
    }

    private bool IsBetter(int partition, PartitionId id, int node, int other)
    {
        var crowds = target.Crowd(partition, node).CompareTo(target.Crowd(partition, other));
        var loads = target.Load(node).CompareTo(target.Load(other));
        return crowds != 0 ? crowds < 0
            : loads != 0 ? loads < 0
            : Rendezvous(id, target.Nodes[node].Id) > Rendezvous(id, target.Nodes[other].Id);
    }

    /// <summary>Moves replicas out of zones that have at least two more than another one with a node to spare.</summary>
    private void Spread(int partition)
    {
        while (target.Partitions[partition].Move is null && BestSpread(partition) is { } best)
        {
            target.Remove(partition, best.From);
            target.Add(partition, best.To);
        }
    }

    private (int From, int To)? BestSpread(int partition)
    {
        (int From, int To)? best = null;
        foreach (var from in target.ReplicasOf(partition))
        {
            if (!target.Nodes[from].IsAlive)
            {
                continue;
            }

            for (var to = 0; to < target.Nodes.Length; to++)
            {
                if (target.IsToSpread(partition, from, to)
                    && (best is not { } found || SpreadKey(partition, from, to).CompareTo(SpreadKey(partition, found.From, found.To)) < 0))
                {
                    best = (from, to);
                }
            }
        }

        return best;
    }

    /// <summary>Lowest first: to the emptiest zone and node, from where the replica is not yet, is no primary, and the load is highest.</summary>
    private (int Crowd, int Load, bool IsNow, bool Leads, int FromLoad) SpreadKey(int partition, int from, int to) =>
        (target.Crowd(partition, to), target.Load(to), target.HasNow(partition, from),
            target.Partitions[partition].Entry.Primary == target.Nodes[from].Id, -target.Load(from));
}
