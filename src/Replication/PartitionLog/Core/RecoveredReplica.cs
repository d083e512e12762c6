namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>What a replica is at the start of a process: read from its disk, all of it durable.</summary>
/// <param name="Self">Node and incarnation.</param>
/// <param name="Term">Last term entered.</param>
/// <param name="TermOf">Its primary.</param>
/// <param name="Log">Checkpoint and the records behind it, after the cuts that the journal tells of.</param>
/// <param name="Applied">Seq up to which the head has been fed, the checkpoint's or behind it: that was committed, and is never cut.</param>
internal sealed record RecoveredReplica(ReplicaId Self, long Term, NodeId TermOf, LogIndex Log, long Applied);
