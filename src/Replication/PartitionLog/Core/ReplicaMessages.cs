using System.Collections.Immutable;

namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>
/// What replicas of one partition say to each other. The sender's node comes with the message; who counts for something names its incarnation.
/// Any message may be lost, doubled, late or out of order.
/// </summary>
/// <param name="Term">Term of the primary that speaks, or is answered.</param>
internal abstract record ReplicaMessage(long Term);

/// <summary>Primary to replica: enter my term.</summary>
internal sealed record PromiseRequest(long Term) : ReplicaMessage(Term);

/// <summary>Replica to primary: the term is entered, durably; nothing of an older one will be accepted. This is my log.</summary>
internal sealed record Promise(long Term, UInt128 Incarnation, LogSummary Log) : ReplicaMessage(Term);

/// <summary>Replica to primary: yours is an old term.</summary>
internal sealed record TermRefused(long Term, long Newer) : ReplicaMessage(Term);

/// <summary>Primary to replica: records that follow <paramref name="Previous"/>.</summary>
internal sealed record AppendRecords(long Term, LogPoint Previous, ImmutableArray<LogRecord> Records, long CommitIndex) : ReplicaMessage(Term);

/// <summary>Replica to primary: I do not hold the predecessor that you named.</summary>
internal sealed record AppendMismatch(long Term, UInt128 Incarnation, LogSummary Log) : ReplicaMessage(Term);

/// <summary>Replica to primary: up to this seq my log is yours and durable.</summary>
internal sealed record Appended(long Term, UInt128 Incarnation, long Durable) : ReplicaMessage(Term);

/// <summary>
/// Primary to learner: the base of your log is no record of mine, though I should have it; your log is of another history, which an operator gave up.
/// </summary>
internal sealed record ForeignLog(long Term, LogPoint Base) : ReplicaMessage(Term);

/// <summary>Primary to replica: I am here; grant me reads.</summary>
/// <param name="Term">Term of the primary.</param>
/// <param name="SentAt">On the primary's clock.</param>
/// <param name="CommitIndex">What is committed.</param>
internal sealed record Heartbeat(long Term, long SentAt, long CommitIndex) : ReplicaMessage(Term);

/// <summary>Replica to primary: with <paramref name="Granted"/>, I enter no other term for the length of a grant from now on.</summary>
internal sealed record HeartbeatReply(long Term, UInt128 Incarnation, long SentAt, long Durable, bool Granted) : ReplicaMessage(Term);

/// <summary>Former primary to replica: I answer no reads any more; your grant to this term is free.</summary>
internal sealed record GrantReleased(long Term) : ReplicaMessage(Term);

/// <summary>Replica to primary: I stop soon. Remove me where others are enough, and do not count on me for a while.</summary>
internal sealed record StandAside(long Term) : ReplicaMessage(Term);

/// <summary>Backup to primary, for a read: up to where must I have applied?</summary>
internal sealed record CommitQuery(long Term, long Read) : ReplicaMessage(Term);

/// <summary>Primary to backup: up to here, checked against its grants after the question came.</summary>
internal sealed record CommitReply(long Term, long Read, long CommitIndex) : ReplicaMessage(Term);

/// <summary>Coordinator to primary: give a node a replica, in the place of another one where it says so.</summary>
internal sealed record PlaceReplica(long Term, NodeId Node, NodeId? InsteadOf) : ReplicaMessage(Term);

/// <summary>Coordinator to primary: let an in-sync backup take over.</summary>
internal sealed record HandOffRequest(long Term, NodeId To) : ReplicaMessage(Term);

/// <summary>Operator to primary, through the coordinator: other numbers of replicas.</summary>
internal sealed record SetNumbers(long Term, int ReplicationFactor, int MinInSync) : ReplicaMessage(Term);
