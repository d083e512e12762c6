using System.Buffers.Binary;
using Deucalion.Common.Contracts;
using Deucalion.Common.Hashing;

namespace Deucalion.Common.Log;

/// <summary>A record as the journal holds it and as it travels: a header, then the payload (docs/formats/journal.md).</summary>
public static class LogRecordFormat
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderLength = JournalFormat.RecordHeaderLength;

    /// <summary>Writes the header of a record of which the checksum is known.</summary>
    public static void WriteHeader(Span<byte> bytes, in LogRecordHeader header)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, header.Crc);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], header.PayloadLength);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], header.Term);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], header.Seq);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], header.Partition);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[28..], (byte)header.Kind);
    }

    /// <summary>Reads the header at the start of the bytes; false where no whole record stands there. The checksum is not compared.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> bytes, out LogRecordHeader header)
    {
        var whole = JournalFormat.TryReadRecordHeader(bytes, out var read);
        header = new LogRecordHeader(read.Crc, read.PayloadLength, read.Term, read.Seq, read.Partition, read.Kind);
        return whole;
    }

    /// <summary>Checksum of a record: of its header without the checksum itself, and its payload.</summary>
    public static uint Checksum(ReadOnlySpan<byte> record) => Crc32C.Compute(record[sizeof(uint)..]);
}

/// <summary>The header of a record.</summary>
/// <param name="Crc">Checksum of header and payload.</param>
/// <param name="PayloadLength">Bytes of the payload.</param>
/// <param name="Term">Term in which it was written.</param>
/// <param name="Seq">Place in the partition's log.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Kind">What the payload is.</param>
public readonly record struct LogRecordHeader(uint Crc, int PayloadLength, long Term, long Seq, int Partition, RecordKind Kind);
