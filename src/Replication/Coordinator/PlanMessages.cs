using System.Collections.Immutable;
using Deucalion.Replication.Coordinator.Balance;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Coordinator;

/// <summary>What the primary of a partition is told of a plan.</summary>
internal static class PlanMessages
{
    public static ImmutableArray<ReplicaMessage> Of(PartitionPlan plan, TableEntry entry)
    {
        var messages = ImmutableArray.CreateBuilder<ReplicaMessage>(2);
        if (plan.Numbers is { } numbers)
        {
            messages.Add(new SetNumbers(entry.Term, numbers.ReplicationFactor, numbers.MinInSync));
        }

        switch (plan.Step)
        {
            case PlaceStep step:
                messages.Add(new PlaceReplica(entry.Term, step.Node, step.InsteadOf));
                break;
            case DropStep step:
                // The primary, which is there already, takes its place.
                messages.Add(new PlaceReplica(entry.Term, entry.Primary, step.Node));
                break;
            case HandOffStep step:
                messages.Add(new HandOffRequest(entry.Term, step.To));
                break;
        }

        return messages.DrainToImmutable();
    }
}
