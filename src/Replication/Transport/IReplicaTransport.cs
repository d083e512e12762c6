using Deucalion.Common.Identifiers;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Transport;

/// <summary>
/// The way from this node's replicas to those of other nodes. Nothing blocks and nothing fails: what cannot be carried is dropped and counted, and the
/// protocol repeats it. Messages to one node arrive in the order in which they were sent, as far as they arrive. Thread-safe.
/// </summary>
internal interface IReplicaTransport
{
    /// <summary>
    /// Sends a message. The payloads of an <see cref="AppendRecords"/> are read later, on another thread: they must not change until they are garbage.
    /// </summary>
    void Send(NodeId to, PartitionId partition, ReplicaMessage message);

    /// <summary>
    /// Sends a checkpoint as the primary of a term: opens it on another thread, sends it in chunks, closes it. One at a time for each node and partition:
    /// while it runs, further ones are dropped. Whether it begins.
    /// </summary>
    bool SendCheckpoint(NodeId to, PartitionId partition, long term, Func<Stream> open);
}
