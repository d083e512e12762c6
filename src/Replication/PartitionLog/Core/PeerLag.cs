namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>How far another replica is behind its primary, as far as the primary knows.</summary>
/// <param name="Node">Where it is.</param>
/// <param name="Records">
/// Records of the primary's log that it has not said to hold durably; null: not known, since it is not heard, or waits for a checkpoint.
/// </param>
/// <param name="Milliseconds">At most so long ago it held all that there was then; 0 where it lacks nothing.</param>
internal readonly record struct PeerLag(NodeId Node, long? Records, long Milliseconds);
