using Deucalion.Common.Identifiers;
using Deucalion.Ingester.Partitions;
using Deucalion.Replication.Coordination;

namespace Deucalion.Ingester.Remote;

/// <summary>The partitions that this node leads, for appends that come from other nodes. Thread-safe; does not block.</summary>
internal interface ILocalPartitions
{
    /// <summary>
    /// Hands the request to the partition's actor, which completes it in any case. False where this node is not the partition's primary: the request is
    /// left alone, and <paramref name="knownEntry"/> is the entry known here, if any.
    /// </summary>
    bool TryAppend(PartitionId partition, AppendRequest request, out PartitionEntry? knownEntry);

    /// <summary>The partition's entry as known here, or null.</summary>
    PartitionEntry? EntryOf(PartitionId partition);
}
