using Deucalion.Common.Identifiers;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Transport;

/// <summary>
/// Where arriving messages go: called on the transport's own threads, in the order in which a node sent them, by several threads at a time for
/// several nodes. Must not block and must not throw.
/// </summary>
internal interface IReplicaInbox
{
    /// <summary>
    /// Takes a message. The payloads of an <see cref="AppendRecords"/> lie in memory that nobody else uses: the receiver may keep them. Their checksums were
    /// compared.
    /// </summary>
    void Receive(NodeId from, PartitionId partition, ReplicaMessage message);

    /// <summary>
    /// Where the checkpoint of a partition is put once it has arrived whole, in a directory that exists; asked once for each transfer. While it arrives it
    /// has that name with <see cref="Common.IO.AtomicFile.TemporarySuffix"/>; transfers of one partition come one after the other, and each replaces a
    /// file that still has the name.
    /// </summary>
    string IncomingCheckpointPath(PartitionId partition);

    /// <summary>
    /// A checkpoint has arrived whole: it lies at <paramref name="path"/>, contents and name durable, and belongs to the receiver. Called on the transfer's own
    /// thread, so it may take the time to give the file another name.
    /// </summary>
    void CheckpointReceived(NodeId from, PartitionId partition, long term, string path);
}
