namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>What a replica wants done, in order. The driver does it and reports what is to be reported.</summary>
internal abstract record ReplicaEffect;

/// <summary>Send a message.</summary>
internal sealed record Send(NodeId To, ReplicaMessage Message) : ReplicaEffect;

/// <summary>Send an <see cref="AppendRecords"/> with the records <paramref name="First"/> to <paramref name="Last"/> (none if Last is lower) of the log.</summary>
internal sealed record SendRecords(NodeId To, long Term, LogPoint Previous, long First, long Last, long CommitIndex) : ReplicaEffect;

/// <summary>Append to the journal; report by ticket when durable. Tickets rise by one; a sync covers all lower ones.</summary>
internal sealed record AppendToJournal(long Ticket, LogRecord Record) : ReplicaEffect;

/// <summary>Note in the journal that the log ends at a seq: what lies behind it does not count at recovery, even if no record follows.</summary>
internal sealed record CutBackJournal(long Ticket, long Seq) : ReplicaEffect;

/// <summary>Note in the journal the term that was entered, and whose it is.</summary>
internal sealed record PersistTerm(long Ticket, long Term, NodeId Primary) : ReplicaEffect;

/// <summary>Feed the head with committed records up to a seq.</summary>
internal sealed record ApplyCommitted(long UpTo) : ReplicaEffect;

/// <summary>Replace the entry if its version is the one given; report by the counter of the entry proposed.</summary>
internal sealed record CasEntry(long ExpectedVersion, TableEntry Proposed) : ReplicaEffect;

/// <summary>Read the entry and report it.</summary>
internal sealed record ReadEntry : ReplicaEffect;

/// <summary>The log is open: requests may be validated and appended.</summary>
internal sealed record OpenForWrites(long Term) : ReplicaEffect;

/// <summary>The log is closed: validated requests that were not acknowledged have an unknown outcome.</summary>
internal sealed record CloseForWrites(long Term) : ReplicaEffect;

/// <summary>Everything that the request's answer rests on is committed and applied.</summary>
internal sealed record Acknowledge(long Request) : ReplicaEffect;

/// <summary>What became of the request is not known here.</summary>
internal sealed record RequestLost(long Request) : ReplicaEffect;

/// <summary>Take a snapshot of the head for a read at a backup and report it.</summary>
internal sealed record TakeSnapshot(long Read) : ReplicaEffect;

/// <summary>The snapshot is complete: answer.</summary>
internal sealed record AnswerRead(long Read) : ReplicaEffect;

/// <summary>This replica cannot answer now.</summary>
internal sealed record RefuseRead(long Read) : ReplicaEffect;

/// <summary>Send the newest checkpoint to a learner; where it is received whole, its driver says so to its core.</summary>
internal sealed record SendCheckpoint(NodeId To, long Term) : ReplicaEffect;

/// <summary>Make the checkpoint that was received this replica's own, durably, load it into the head, and report.</summary>
internal sealed record InstallCheckpoint(LogPoint Point) : ReplicaEffect;

/// <summary>Records up to a seq are in a durable checkpoint and nobody needs them: the journal may drop them.</summary>
internal sealed record ReleaseRecords(long UpTo) : ReplicaEffect;

/// <summary>The log cannot be continued: begin an empty one under a new incarnation, with a new core.</summary>
internal sealed record StartOver(string Reason) : ReplicaEffect;

/// <summary>Tell the coordinator that the primary's heartbeats do not come.</summary>
internal sealed record ReportPrimaryMissing(long Term) : ReplicaEffect;

/// <summary>Tell the coordinator that this node, named primary, cannot do it.</summary>
internal sealed record AskReplacement(long Term) : ReplicaEffect;
