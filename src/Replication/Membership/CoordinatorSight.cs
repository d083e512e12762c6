namespace Deucalion.Replication.Membership;

/// <summary>Who coordinates, or did last.</summary>
/// <param name="Id">Node id.</param>
/// <param name="Token">Fencing token of its lease.</param>
/// <param name="IsAlive">Whether its lease was there when it was last looked at.</param>
internal sealed record CoordinatorSight(string Id, long Token, bool IsAlive);
