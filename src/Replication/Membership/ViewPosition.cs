namespace Deucalion.Replication.Membership;

/// <summary>Up to where a node knows what a coordinator told: the coordinator's token and its number. Nothing: both 0.</summary>
internal readonly record struct ViewPosition(long Token, long Seq);
