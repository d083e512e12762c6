using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;

namespace Deucalion.Replication.PartitionLog;

/// <summary>Hands what other nodes send to the logs of this one. <paramref name="current"/>: the logs in use, null while there are none.</summary>
internal sealed class ReplicaInbox(IDisk disk, string partitionsDirectory, Func<ReplicatedLogs?> current) : IReplicaInbox
{
    private const string IncomingName = "incoming";

    /// <inheritdoc/>
    public void Receive(NodeId from, PartitionId partition, ReplicaMessage message) =>
        current()?.For(partition, message)?.Tell(new MessageArrived(from, message));

    /// <inheritdoc/>
    public string IncomingCheckpointPath(PartitionId partition)
    {
        var directory = Path.Combine(partitionsDirectory, partition.ToString());
        disk.CreateDirectory(directory);
        return Path.Combine(directory, IncomingName);
    }

    /// <inheritdoc/>
    public void CheckpointReceived(NodeId from, PartitionId partition, long term, string path)
    {
        try
        {
            using var reader = CheckpointReader.Open(disk, path);
            if (reader is not null && reader.Header.Partition == partition)
            {
                var header = reader.Header;
                current()?.Find(partition)?.Tell(new CheckpointArrived(from, term, new LogPoint(header.Term, header.Seq, header.Crc), path));
            }
        }
        catch (Exception exception) when (exception is IOException or LogCorruptException or NotSupportedException)
        {
            // It is sent again; what cannot be read is replaced by then.
        }
    }
}
