using System.Buffers.Binary;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.PartitionLog;

/// <summary>The records and notes that the protocol itself writes: docs/formats/journal.md.</summary>
internal sealed class TermStartRecord(PartitionId partition) : ITermStart
{
    /// <summary>Length of a node's name in a note.</summary>
    public const int NodeLength = 16;

    private const int Length = 44;

    /// <inheritdoc/>
    public LogRecord Encode(long term, LogPoint previous, ReplicaId self)
    {
        var payload = new byte[Length];
        BinaryPrimitives.WriteInt64LittleEndian(payload, term);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(8), previous.Term);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(16), previous.Seq);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(24), previous.Crc);
        BinaryPrimitives.WriteUInt128BigEndian(payload.AsSpan(28), self.Incarnation);
        var crc = RecordChecksum.Of(partition, term, previous.Seq + 1, RecordKind.TermStart, payload);
        return new LogRecord(new LogPoint(term, previous.Seq + 1, crc), RecordKind.TermStart, payload);
    }

    /// <summary>A node as the payload of a note.</summary>
    public static byte[] Node(NodeId node)
    {
        var payload = new byte[NodeLength];
        BinaryPrimitives.WriteUInt128BigEndian(payload, node.Value);
        return payload;
    }

    /// <summary>The node in the payload of a note.</summary>
    public static NodeId ReadNode(ReadOnlySpan<byte> payload) =>
        payload.Length == NodeLength
            ? new NodeId(BinaryPrimitives.ReadUInt128BigEndian(payload))
            : throw new LogCorruptException("a note of a term names no node");
}
