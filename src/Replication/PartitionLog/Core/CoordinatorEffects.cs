namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>What a coordinator wants done.</summary>
internal abstract record CoordinatorEffect;

/// <summary>Replace the entry if its version is the one given. The outcome needs no report: the next entry seen tells.</summary>
internal sealed record WriteEntry(long ExpectedVersion, TableEntry Proposed) : CoordinatorEffect;

/// <summary>Send a message to the partition's replica on a node.</summary>
internal sealed record Tell(NodeId To, ReplicaMessage Message) : CoordinatorEffect;
