using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Tests.Coordinator;

/// <summary>What a primary makes of what a coordinator tells it, and of learners that catch up.</summary>
internal static class PrimaryModel
{
    /// <summary>The entry after a message; the same one where the message changes nothing.</summary>
    public static TableEntry Follow(TableEntry entry, ReplicaMessage message)
    {
        if (message.Term != entry.Term)
        {
            return entry;
        }

        return message switch
        {
            SetNumbers numbers when entry.InSync.Length >= numbers.MinInSync =>
                entry with { Version = entry.Version + 1, ReplicationFactor = numbers.ReplicationFactor, MinInSync = numbers.MinInSync },
            HandOffRequest handOff when handOff.To != entry.Primary && entry.InSyncOn(handOff.To) is not null => entry.WithPrimary(handOff.To),
            PlaceReplica wish => Place(entry, wish),
            _ => entry,
        };
    }

    /// <summary>Learners that had caught up join, members that are too many go, learners that were new have caught up.</summary>
    public static TableEntry CatchUp(TableEntry entry, Func<NodeId, bool> isUp)
    {
        var next = entry;
        foreach (var learner in next.Learners)
        {
            if (next.InSync.Length < next.ReplicationFactor && learner.Incarnation != 0 && isUp(learner.Node))
            {
                next = next.WithReplicas(next.InSync.Add(learner), next.Learners.Remove(learner));
            }
        }

        while (next.InSync.Length > next.ReplicationFactor && next.InSync.Length > next.MinInSync)
        {
            next = next.WithReplicas(next.InSync.Remove(next.InSync.Last(replica => replica.Node != next.Primary)), next.Learners);
        }

        if (next.Learners.Any(learner => learner.Incarnation == 0 && isUp(learner.Node)))
        {
            next = next.WithReplicas(next.InSync, [.. next.Learners.Select(learner => isUp(learner.Node) ? learner with { Incarnation = 1 } : learner)]);
        }

        return next;
    }

    private static TableEntry Place(TableEntry entry, PlaceReplica wish)
    {
        var next = entry;
        var learner = next.LearnerOn(wish.Node);
        if (learner is null && next.InSyncOn(wish.Node) is null)
        {
            next = next.WithReplicas(next.InSync, next.Learners.Add(new ReplicaId(wish.Node, 0)));
        }
        else if (learner is { } complete && complete.Incarnation != 0 && wish.InsteadOf is { } old && old != next.Primary && next.InSyncOn(old) is { } member)
        {
            next = next.WithReplicas(next.InSync.Remove(member).Add(complete), next.Learners.Remove(complete));
        }

        if (wish.InsteadOf is { } gone && next.LearnerOn(gone) is { } left)
        {
            next = next.WithReplicas(next.InSync, next.Learners.Remove(left));
        }

        return next;
    }
}
