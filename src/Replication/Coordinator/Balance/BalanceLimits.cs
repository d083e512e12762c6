namespace Deucalion.Replication.Coordinator.Balance;

/// <summary>How much is moved at once, so that rebuilding replicas never takes the disks and links that writes need.</summary>
internal sealed record BalanceLimits
{
    /// <summary>
    /// Replicas that are under way in the cluster before another move for balance, spread or drain begins. Repairs are not held up by it.
    /// </summary>
    public int MovesAtOnce { get; init; } = 4;

    /// <summary>Replicas that are under way to one node before another one begins, repairs too.</summary>
    public int IntoNodeAtOnce { get; init; } = 2;

    /// <summary>Hand-offs that are asked for at the same time: writes of each partition wait a moment.</summary>
    public int HandOffsAtOnce { get; init; } = 4;
}
