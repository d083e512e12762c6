using Deucalion.Common.Identifiers;

namespace Deucalion.Replication.Coordinator.Balance;

/// <summary>
/// What is to be done next about every partition of a cluster, as a pure function of what the table, the leases and the operators say: replicas spread over
/// zones and even over nodes, primaries even, leaving nodes emptied, dead ones replaced, with as few moves as possible and a bounded number at once.
/// Whoever plans from the same picture plans the same, so a new coordinator goes on where the last one stopped.
/// </summary>
internal static class BalancePlanner
{
    /// <summary>
    /// The plan. <paramref name="round"/> turns the order in which partitions are begun with, so that a few that make no progress do not hold up the others.
    /// </summary>
    public static IReadOnlyDictionary<PartitionId, PartitionPlan> Plan(ClusterPicture picture, BalanceLimits limits, long round)
    {
        var target = new TargetPlacement(picture);
        new ReplicaTargets(target).WorkOut();
        var primaries = new PrimaryTargets(target);
        primaries.WorkOut();
        var chooser = new StepChooser(target, primaries);
        var budget = new StepBudget(target, limits);
        var steps = new PlannedStep?[picture.Partitions.Count];
        for (var i = 0; i < steps.Length; i++)
        {
            steps[i] = chooser.StepOf(i);
        }

        budget.Admit(steps, round);
        var plan = new Dictionary<PartitionId, PartitionPlan>(steps.Length);
        for (var i = 0; i < steps.Length; i++)
        {
            plan.Add(picture.Partitions[i].Id, new PartitionPlan(steps[i], chooser.NumbersOf(i), chooser.IsSettled(i)));
        }

        return plan;
    }

    /// <summary>What a move that an operator wants would cost in spread over the zones, where <see cref="Plan"/> would undo it for that; null: it would not.</summary>
    public static SpreadLoss? SpreadLostBy(ClusterPicture picture, PartitionId partition, PlannedMove move)
    {
        var index = picture.Partitions.Select(static item => item.Id).ToList().IndexOf(partition);
        var partitions = picture.Partitions.ToArray();
        partitions[index] = partitions[index] with { Move = move };
        var target = new TargetPlacement(picture with { Partitions = partitions });
        var better = new ReplicaTargets(target).Undoing(index);
        var to = target.NumberOf(move.To);
        return better.Count == 0
            ? null
            : new SpreadLoss(
                target.Nodes[to].Zone, target.Crowd(index, to), [.. better.Select(node => target.Nodes[node].Zone).Distinct().Order(StringComparer.Ordinal)]);
    }
}
