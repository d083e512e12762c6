using Deucalion.Common.Actors;
using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Placement;

namespace Deucalion.Replication.Coordinator;

/// <summary>What the coordinator's actor is told.</summary>
internal abstract record CoordinatorMessage;

/// <summary>A question: whoever asks learns when it was not answered.</summary>
internal abstract record CoordinatorQuestion<T>(Reply<T> Reply) : CoordinatorMessage, IFailableMessage
{
    public void Fail(Exception reason) => Reply.Fail(reason);
}

/// <summary>Look at what is due.</summary>
internal sealed record TickMessage : CoordinatorMessage;

/// <summary>Something failed beside the actor that nobody expected: it must not go on as if nothing were.</summary>
internal sealed record FailedMessage(Exception Reason) : CoordinatorMessage;

/// <summary>The leases were read; null: that failed.</summary>
internal sealed record LeasesMessage(IReadOnlyList<LeaseSight>? Leases, long BeganAt) : CoordinatorMessage;

/// <summary>Records, table and placement were read; null: that failed.</summary>
internal sealed record TableMessage(TableReading? Reading, long BeganAt) : CoordinatorMessage;

/// <summary>All but the leases. No records: they were not read this time.</summary>
internal sealed record TableReading(
    IReadOnlyList<NodeRecord> Records, IReadOnlyList<(PartitionId Partition, PartitionEntry Entry)> Entries, PlacementView? Placement);

/// <summary>A record was read or written; null: it is not there, or that failed.</summary>
internal sealed record RecordMessage(string Node, NodeRecord? Record) : CoordinatorMessage;

/// <summary>A node's record was deleted, or not.</summary>
internal sealed record ForgottenMessage(string Node, bool IsDeleted) : CoordinatorMessage;

/// <summary>An attempt to replace a primary has ended.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Term">The term that was to begin.</param>
/// <param name="Entry">The entry that is there; null: it is not known.</param>
/// <param name="IsReplaced">Whether it is the one that was wanted.</param>
internal sealed record ReplacedMessage(PartitionId Partition, long Term, PartitionEntry? Entry, bool IsReplaced) : CoordinatorMessage;

/// <summary>An entry was read; null: there is none, or that failed.</summary>
internal sealed record EntryMessage(PartitionId Partition, PartitionEntry? Entry) : CoordinatorMessage;

/// <summary>The wanted numbers were changed.</summary>
internal sealed record PlacementMessage(PlacementView Placement) : CoordinatorMessage;

/// <summary>A node answered what was pushed to it; null: it did not.</summary>
internal sealed record PushedMessage(NodeId Node, PushAnswer? Answer) : CoordinatorMessage;

/// <summary>A node asks for what is new.</summary>
internal sealed record SyncMessage(NodeId From, SyncQuestion Question, long ArrivedAt, Reply<ViewUpdate> Reply) : CoordinatorQuestion<ViewUpdate>(Reply);

/// <summary>A node reports.</summary>
internal sealed record ReportMessage(NodeId From, Reports Reports) : CoordinatorMessage;

/// <summary>An operator wants something.</summary>
internal sealed record CommandMessage(CommandCall Call, Reply<CommandAnswer> Reply) : CoordinatorQuestion<CommandAnswer>(Reply);

/// <summary>Somebody wants to see how things are.</summary>
internal sealed record SnapshotMessage(Reply<ClusterSnapshot> Reply) : CoordinatorQuestion<ClusterSnapshot>(Reply);
