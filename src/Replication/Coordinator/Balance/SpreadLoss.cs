namespace Deucalion.Replication.Coordinator.Balance;

/// <summary>How a move would leave a partition spread over zones worse than it need be.</summary>
/// <param name="Zone">The zone that would have too many.</param>
/// <param name="Replicas">How many it would have.</param>
/// <param name="Emptier">Zones that would have at least two fewer, and a node that may take one; in order.</param>
internal sealed record SpreadLoss(string Zone, int Replicas, IReadOnlyList<string> Emptier);
