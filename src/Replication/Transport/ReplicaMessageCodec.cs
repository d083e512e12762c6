using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Protobuf;
using Deucalion.Replication.PartitionLog.Core;
using Google.Protobuf;

namespace Deucalion.Replication.Transport;

/// <summary>
/// Messages between replicas as protobuf (<c>replication.proto</c>). Records are written straight into the frame, each as the journal has it, and read
/// with one copy for all records of a message. Nothing that comes from outside fails otherwise than by <see cref="ReplicaMessageFormatException"/>.
/// </summary>
internal static class ReplicaMessageCodec
{
    /// <summary>Appends a message to a frame.</summary>
    public static void Write(ProtobufBuffer frame, PartitionId partition, ReplicaMessage message)
    {
        var envelope = ReplicaBodies.Wrap(partition, message);
        var fixedSize = envelope.CalculateSize();
        var records = message is AppendRecords append ? append.Records : [];
        var recordBytes = checked((int)ReplicaRecords.SizeOf(records));
        var recordsSize = recordBytes == 0
            ? 0
            : ProtobufBuffer.VarintSize(ReplicaEnvelope.RecordsFieldNumber << 3) + ProtobufBuffer.VarintSize((ulong)recordBytes) + recordBytes;
        frame.Tag(ReplicaFrame.MessagesFieldNumber, ProtobufReader.Bytes);
        frame.Varint((ulong)(fixedSize + recordsSize));
        envelope.WriteTo(frame.Append(fixedSize));
        if (recordBytes > 0)
        {
            frame.Tag(ReplicaEnvelope.RecordsFieldNumber, ProtobufReader.Bytes);
            frame.Varint((ulong)recordBytes);
            ReplicaRecords.Write(frame, partition, records);
        }
    }

    /// <summary>Goes to the next message of a frame; false at its end.</summary>
    /// <exception cref="ReplicaMessageFormatException">The frame is none: what follows in it cannot be found.</exception>
    public static bool TryNext(ref ProtobufReader frame, int end, out int offset, out int length)
    {
        while (frame.Position < end)
        {
            if (!frame.TryReadTag(end, out var field, out var wireType))
            {
                break;
            }

            if (field == ReplicaFrame.MessagesFieldNumber && wireType == ProtobufReader.Bytes)
            {
                if (frame.TryReadRange(end, out offset, out length))
                {
                    return true;
                }

                break;
            }

            if (!frame.TrySkip(end, wireType))
            {
                break;
            }
        }

        offset = length = 0;
        return frame.Error is { } error ? throw new ReplicaMessageFormatException($"a frame is malformed at byte {frame.ErrorOffset}: {error}") : false;
    }

    /// <summary>Reads a message of a frame; <paramref name="message"/> is null where its kind is unknown to this version.</summary>
    /// <exception cref="ReplicaMessageFormatException">The bytes are no message, or a record's checksum is wrong.</exception>
    public static PartitionId Read(ReadOnlySpan<byte> bytes, out ReplicaMessage? message)
    {
        ReplicaEnvelope envelope;
        try
        {
            envelope = ReplicaEnvelope.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new ReplicaMessageFormatException($"a message is malformed: {exception.Message}", exception);
        }

        if (envelope.Partition < 0 || envelope.Term < 0)
        {
            throw new ReplicaMessageFormatException($"a message names partition {envelope.Partition} and term {envelope.Term}");
        }

        message = ReplicaBodies.Unwrap(envelope);
        return new PartitionId(envelope.Partition);
    }
}
