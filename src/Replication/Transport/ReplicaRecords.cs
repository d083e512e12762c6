using System.Collections.Immutable;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Log;
using Deucalion.Common.Protobuf;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Transport;

/// <summary>The records of an append as bytes: as they stand in the journal, one behind the other.</summary>
internal static class ReplicaRecords
{
    /// <summary>Bytes that the records take.</summary>
    public static long SizeOf(ImmutableArray<LogRecord> records)
    {
        var size = 0L;
        foreach (ref readonly var record in records.AsSpan())
        {
            size += SizeOf(record);
        }

        return size;
    }

    /// <summary>Bytes that one record takes.</summary>
    public static int SizeOf(in LogRecord record) => LogRecordFormat.HeaderLength + record.Payload.Length;

    /// <summary>Appends the records.</summary>
    public static void Write(ProtobufBuffer target, PartitionId partition, ImmutableArray<LogRecord> records)
    {
        foreach (ref readonly var record in records.AsSpan())
        {
            var bytes = target.Append(SizeOf(record));
            LogRecordFormat.WriteHeader(
                bytes, new LogRecordHeader(record.Point.Crc, record.Payload.Length, record.Point.Term, record.Point.Seq, partition.Value, record.Kind));
            record.Payload.Span.CopyTo(bytes[LogRecordFormat.HeaderLength..]);
        }
    }

    /// <summary>
    /// Reads the records, whose payloads are parts of <paramref name="bytes"/>. They must follow <paramref name="previous"/> without a gap, belong to the
    /// partition, be of no later term than the primary's, of kinds that are known, and have the checksum that they name.
    /// </summary>
    /// <exception cref="ReplicaMessageFormatException">They do not.</exception>
    public static ImmutableArray<LogRecord> Read(ReadOnlyMemory<byte> bytes, int partition, LogPoint previous, long term)
    {
        var records = ImmutableArray.CreateBuilder<LogRecord>(Count(bytes.Span));
        for (var seq = previous.Seq + 1; bytes.Length > 0; seq++)
        {
            LogRecordFormat.TryReadHeader(bytes.Span, out var header);
            if (header.Partition != partition || header.Seq != seq || header.Term <= 0 || header.Term > term)
            {
                throw new ReplicaMessageFormatException(
                    $"record {header.Seq} of term {header.Term} and partition {header.Partition} stands where record {seq} of partition {partition} belongs, in term {term}");
            }

            var record = bytes[..(LogRecordFormat.HeaderLength + header.PayloadLength)];
            if (LogRecordFormat.Checksum(record.Span) != header.Crc)
            {
                throw new ReplicaMessageFormatException($"the checksum of record {seq} of partition {partition} is wrong");
            }

            if (!header.Kind.IsKnown() || header.Kind.IsNote())
            {
                throw new ReplicaMessageFormatException(
                    $"record {seq} of partition {partition} is of kind {(byte)header.Kind}, which this program does not take: is the sender of a later version?");
            }

            records.Add(new LogRecord(new LogPoint(header.Term, seq, header.Crc), header.Kind, record[LogRecordFormat.HeaderLength..]));
            bytes = bytes[record.Length..];
        }

        return records.MoveToImmutable();
    }

    private static int Count(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        while (bytes.Length > 0)
        {
            if (!LogRecordFormat.TryReadHeader(bytes, out var header))
            {
                throw new ReplicaMessageFormatException("a record is cut off");
            }

            count++;
            bytes = bytes[(LogRecordFormat.HeaderLength + header.PayloadLength)..];
        }

        return count;
    }
}
