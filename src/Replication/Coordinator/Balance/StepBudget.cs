using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Coordinator.Balance;

/// <summary>Which of the steps that are due begin now. What is under way is seen in the table: learners that are to stay, on nodes that take replicas.</summary>
internal sealed class StepBudget
{
    private readonly TargetPlacement _target;
    private readonly BalanceLimits _limits;
    private readonly Dictionary<NodeId, int> _into = [];
    private int _underWay;
    private int _handOffs;

    public StepBudget(TargetPlacement target, BalanceLimits limits)
    {
        _target = target;
        _limits = limits;
        for (var partition = 0; partition < target.Partitions.Count; partition++)
        {
            foreach (var learner in target.Partitions[partition].Entry.Learners)
            {
                // Others may never catch up, as on a full disk: nothing waits for them.
                var node = target.NumberOf(learner.Node);
                if (target.Nodes[node].Takes && target.Has(partition, node))
                {
                    Count(learner.Node);
                }
            }
        }
    }

    /// <summary>Strikes out what has to wait. Repairs come first, then drains, moves and spreading, then balance.</summary>
    public void Admit(PlannedStep?[] steps, long round)
    {
        var start = steps.Length == 0 ? 0 : (int)(round % steps.Length);
        var admitted = new bool[steps.Length];
        foreach (var urgency in (ReadOnlySpan<int>)[0, 1, 2])
        {
            for (var i = 0; i < steps.Length; i++)
            {
                var at = (start + i) % steps.Length;
                if (steps[at] is { } step && !admitted[at] && UrgencyOf(step) == urgency)
                {
                    admitted[at] = true;
                    steps[at] = Admits(at, step) ? step : null;
                }
            }
        }
    }

    private static int UrgencyOf(PlannedStep step) => step switch
    {
        PlaceStep { Reason: StepReason.Repair } or HandOffStep { Reason: StepReason.Repair } or DropStep => 0,
        PlaceStep { Reason: StepReason.Balance } or HandOffStep { Reason: StepReason.Balance } => 2,
        PlaceStep or HandOffStep => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
    };

    private bool Admits(int partition, PlannedStep step)
    {
        switch (step)
        {
            case PlaceStep place when _target.HasNow(partition, _target.NumberOf(place.Node)):
                // It has begun.
                return true;
            case PlaceStep place:
                if (_into.GetValueOrDefault(place.Node) >= _limits.IntoNodeAtOnce
                    || (place.Reason != StepReason.Repair && _underWay >= _limits.MovesAtOnce))
                {
                    return false;
                }

                Count(place.Node);
                return true;
            case HandOffStep:
                return _handOffs++ < _limits.HandOffsAtOnce;
            default:
                return true;
        }
    }

    private void Count(NodeId node)
    {
        _into[node] = _into.GetValueOrDefault(node) + 1;
        _underWay++;
    }
}
