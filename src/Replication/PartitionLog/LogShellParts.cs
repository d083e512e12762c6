using System.Globalization;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;

namespace Deucalion.Replication.PartitionLog;

/// <summary>What all logs of a node work with. Thread-safe.</summary>
internal sealed class LogShellParts
{
    public required IDisk Disk { get; init; }

    public required Journal Journal { get; init; }

    public required LogIncarnation Incarnation { get; init; }

    /// <summary>Name of the node in the table.</summary>
    public required string Node { get; init; }

    public required TableClient Table { get; init; }

    public required ReplicatedLogsOptions Options { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>The way to other nodes; null in a process alone.</summary>
    public required IReplicaTransport? Transport { get; init; }

    /// <summary>Version of the protocol between nodes that is in effect.</summary>
    public required Func<int> Protocol { get; init; }

    /// <summary>The way to the coordinator; null in a process alone.</summary>
    public required ICoordinatorReports? Reports { get; init; }

    /// <summary>Cancelled when the node stops.</summary>
    public required CancellationToken Stopping { get; init; }

    /// <summary>Milliseconds of a clock that never goes back while the process lives.</summary>
    public long Now => (long)Time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>
    /// Throws where the cluster does not write records of a kind yet: some node may have to be taken back to a version that could not read them. Whoever writes a
    /// newer kind asks the view's protocol first.
    /// </summary>
    public void RequireWritten(RecordKind kind)
    {
        if (kind.WrittenSince() > Protocol())
        {
            throw new InvalidOperationException($"records of kind {(byte)kind} are not written before version {kind.WrittenSince()} of the protocol is in effect; it is {Protocol()}");
        }
    }

    public string DirectoryOf(PartitionId partition) => Path.Combine(Options.PartitionsDirectory, partition.ToString());

    public string CheckpointOf(PartitionId partition) => Path.Combine(DirectoryOf(partition), "checkpoint");

    /// <summary>This node and its log of that epoch, as the protocol names it.</summary>
    public ReplicaId SelfOf(UInt128 epoch) => new(new NodeId(Parse(Node)), Parse(Incarnation.Current) ^ epoch);

    /// <summary>
    /// Whether nobody but this log holds the partition, or can be promised anything about it: the process is alone, and the table lists no other replica. Then the
    /// term stands in the table and in the term start, and needs no note; what versions without notes wrote, and read, is exactly that
    /// (docs/decisions/done/0007-versions.md).
    /// </summary>
    public bool IsOnly(ReplicaId self, TableEntry? entry) =>
        Transport is null && entry is { InSync: [var only], Learners: [] } && only == self && entry.Primary == self.Node;

    /// <summary>Whether the log of that epoch may take the place of an incarnation, since what is missing was given up knowingly.</summary>
    public bool MaySucceed(string listed, UInt128 epoch) =>
        Incarnation.MaySucceed(epoch == 0 ? listed : (Parse(listed) ^ epoch).ToString("x32", CultureInfo.InvariantCulture));

    private static UInt128 Parse(string hex) => UInt128.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
