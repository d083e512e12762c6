using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.PartitionLog;

/// <summary>What happened to a log since its owner last looked; taken in on the owner's mailbox, in order of arrival.</summary>
internal abstract record LogEvent;

/// <summary>A message of another replica, or of a coordinator.</summary>
internal sealed record MessageArrived(NodeId From, ReplicaMessage Message) : LogEvent;

/// <summary>Time has passed.</summary>
internal sealed record Ticked : LogEvent
{
    public static readonly Ticked Instance = new();
}

/// <summary>The table answered a compare-and-swap of the core that the proposed entry names as its writer.</summary>
internal sealed record CasAnswered(TableEntry Proposed, CasOutcome Outcome) : LogEvent;

/// <summary>An entry of the table was seen, or read for the core.</summary>
internal sealed record EntryArrived(TableEntry Entry, bool WasReadBack) : LogEvent;

/// <summary>The partition's entry cannot be used here.</summary>
internal sealed record EntryRefused(string Reason) : LogEvent;

/// <summary>The table has no entry, though the log says that there was one; it is looked for again.</summary>
internal sealed record EntryMissing(string Reason) : LogEvent;

/// <summary>The table could not be asked for the entry; it may be asked again.</summary>
internal sealed record EntryUnknown(string Reason) : LogEvent;

/// <summary>A checkpoint from the primary has arrived whole and lies at a path.</summary>
internal sealed record CheckpointArrived(NodeId From, long Term, LogPoint Point, string Path) : LogEvent;

/// <summary>Records that were read from the journal for a peer.</summary>
internal sealed record RecordsRead(NodeId To, AppendRecords Message) : LogEvent;

/// <summary>The log is not whole and others were in sync: it begins anew.</summary>
internal sealed record LogGivenUp(TableEntry Entry, string Reason) : LogEvent;

/// <summary>An entry came with a view of the cluster.</summary>
internal sealed record EntryPushed(TableEntry Entry) : LogEvent;

/// <summary>An entry that the log must know before anything that arrives later.</summary>
internal sealed record EntryOrdered(TableEntry Entry, TaskCompletionSource Known) : LogEvent;

/// <summary>The table has no entry of the partition, and nobody had asked for one to be made.</summary>
internal sealed record EntryAbsent : LogEvent
{
    public static readonly EntryAbsent Instance = new();
}
