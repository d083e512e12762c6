using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordinator.Balance;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Coordinator;

/// <summary>What the coordinator's state wants done.</summary>
internal abstract record CoordinatorAction;

/// <summary>Tell the replica of a partition on a node.</summary>
internal sealed record TellReplica(PartitionId Partition, NodeId To, ReplicaMessage Message) : CoordinatorAction;

/// <summary>Replace an entry if its version is the one given, and say what became of it.</summary>
internal sealed record ReplacePrimary(PartitionId Partition, long ExpectedVersion, TableEntry Proposed) : CoordinatorAction;

/// <summary>Write into a node's record that it is active, if it is still of that lease.</summary>
internal sealed record Activate(string Node, long Lease) : CoordinatorAction;

/// <summary>Read a node's record.</summary>
internal sealed record ReadRecord(string Node) : CoordinatorAction;

/// <summary>Delete the record of a node that has been dead for long and has nothing.</summary>
internal sealed record ForgetNode(string Node, long Lease) : CoordinatorAction;

/// <summary>Read an entry: a newer one is there than is known.</summary>
internal sealed record ReadTableEntry(PartitionId Partition) : CoordinatorAction;

/// <summary>Count a replica that is begun.</summary>
internal sealed record CountMove(StepReason Reason) : CoordinatorAction;

/// <summary>Count a replica that has moved: the new one is in sync, the old one is gone.</summary>
internal sealed record CountMoved(StepReason Reason) : CoordinatorAction;
