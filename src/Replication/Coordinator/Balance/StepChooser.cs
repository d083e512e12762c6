using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Placement;

namespace Deucalion.Replication.Coordinator.Balance;

/// <summary>The next step of each partition towards its targets, without regard to how much happens at once.</summary>
internal sealed class StepChooser(TargetPlacement target, PrimaryTargets primaries)
{
    /// <summary>The next step, or null.</summary>
    public PlannedStep? StepOf(int partition)
    {
        var entry = target.Partitions[partition].Entry;
        var primary = target.NumberOf(entry.Primary);
        if (!target.Nodes[primary].IsAlive)
        {
            return null;
        }

        var leader = primaries.LeaderOf(partition);
        if (leader != primary && !(target.Nodes[primary].Leads && target.Has(partition, primary)))
        {
            return new HandOffStep(target.Nodes[leader].Id, ReasonToGo(partition, primary));
        }

        return PlaceOf(partition, entry)
            ?? (leader != primary ? new HandOffStep(target.Nodes[leader].Id, StepReason.Balance) : null);
    }

    /// <summary>Numbers that the entry is to get now, or null.</summary>
    public ReplicaNumbers? NumbersOf(int partition)
    {
        var (_, entry, wanted, _) = target.Partitions[partition];
        var alive = entry.InSync.Count(replica => target.Nodes[target.NumberOf(replica.Node)].IsAlive);

        // As many in sync as are wanted have to be there before so many are required.
        var required = alive >= wanted.MinInSync ? wanted.MinInSync : Math.Clamp(entry.MinInSync, 1, wanted.MinInSync);
        var numbers = new ReplicaNumbers(NeedsExtra(partition, entry) ? 2 : wanted.ReplicationFactor, required);
        return numbers.ReplicationFactor == entry.ReplicationFactor && numbers.MinInSync == entry.MinInSync ? null : numbers;
    }

    public bool IsSettled(int partition) =>
        Missing(partition) < 0 && Leaving(partition, target.Partitions[partition].Entry) is null
        && primaries.LeaderOf(partition) == target.NumberOf(target.Partitions[partition].Entry.Primary);

    /// <summary>The only replica is to move: for a while there have to be two in sync, so that it can hand off.</summary>
    private bool NeedsExtra(int partition, TableEntry entry) =>
        target.Partitions[partition].Wanted.ReplicationFactor == 1
        && !target.Has(partition, target.NumberOf(entry.Primary))
        && entry.InSync.Length + entry.Learners.Length > 1
        && Missing(partition) < 0;

    private PlannedStep? PlaceOf(int partition, TableEntry entry)
    {
        var wanted = target.Partitions[partition].Wanted.ReplicationFactor;
        var places = entry.InSync.Length + entry.Learners.Length;
        var missing = Missing(partition);
        if (places < wanted)
        {
            return missing >= 0 ? new PlaceStep(target.Nodes[missing].Id, null, StepReason.Repair) : null;
        }

        if (Leaving(partition, entry) is not { } leaving)
        {
            return null;
        }

        var from = target.NumberOf(leaving);
        if (missing >= 0 && places == wanted)
        {
            return new PlaceStep(target.Nodes[missing].Id, leaving, Reason(partition, from, missing));
        }

        if (Arriving(partition, entry) is { } arriving && leaving != entry.Primary)
        {
            return new PlaceStep(arriving, leaving, Reason(partition, from, target.NumberOf(arriving)));
        }

        return places > wanted && entry.LearnerOn(leaving) is not null ? new DropStep(leaving) : null;
    }

    /// <summary>A node that is to have a replica and has none, or -1.</summary>
    private int Missing(int partition)
    {
        foreach (var node in target.ReplicasOf(partition))
        {
            if (!target.HasNow(partition, node))
            {
                return node;
            }
        }

        return -1;
    }

    /// <summary>A node that has a replica and is to have none: learners first, the primary last.</summary>
    private NodeId? Leaving(int partition, TableEntry entry)
    {
        NodeId? found = null;
        foreach (var replica in entry.Learners.AddRange(entry.InSync))
        {
            if (!target.Has(partition, target.NumberOf(replica.Node)) && (found is null || found == entry.Primary))
            {
                found = replica.Node;
            }
        }

        return found;
    }

    /// <summary>A learner that is to stay.</summary>
    private NodeId? Arriving(int partition, TableEntry entry)
    {
        foreach (var replica in entry.Learners)
        {
            var node = target.NumberOf(replica.Node);
            if (target.Nodes[node].IsAlive && target.Has(partition, node))
            {
                return replica.Node;
            }
        }

        return null;
    }

    private StepReason ReasonToGo(int partition, int node) =>
        MoveFrom(partition, node)?.Reason
            ?? (!target.Nodes[node].Leads || target.Nodes[node].Empties ? StepReason.Drain : StepReason.Balance);

    private PlannedMove? MoveFrom(int partition, int node) =>
        target.Partitions[partition].Move is { } move && move.From == target.Nodes[node].Id ? move : null;

    private StepReason Reason(int partition, int from, int to)
    {
        var node = target.Nodes[from];
        if (MoveFrom(partition, from) is { } move)
        {
            return move.Reason;
        }

        if (node.Empties)
        {
            return node.IsAlive ? StepReason.Drain : StepReason.Repair;
        }

        return target.ShareZone(from, to) ? StepReason.Balance : SharesItsZone(partition, from) ? StepReason.Spread : StepReason.Balance;
    }

    private bool SharesItsZone(int partition, int node)
    {
        var entry = target.Partitions[partition].Entry;
        foreach (var replica in entry.InSync.AddRange(entry.Learners))
        {
            var other = target.NumberOf(replica.Node);
            if (other != node && target.ShareZone(other, node))
            {
                return true;
            }
        }

        return false;
    }
}
