using System.Buffers.Binary;
using Deucalion.Common.Contracts;
using Deucalion.Common.Hashing;

namespace Deucalion.Common.Log;

/// <summary>The bytes of a journal: docs/formats/journal.md. All integers are little-endian.</summary>
internal static class JournalFormat
{
    public const uint Version = 1;
    public const int SegmentHeaderLength = 64;
    public const int RoundHeaderLength = 48;
    public const int RecordHeaderLength = 32;
    public const uint RoundMagic = 0x646E7552;
    public const uint CleanStop = 1;
    public const string SegmentSuffix = ".log";
    public const string ReleasedName = "released";

    public static ReadOnlySpan<byte> SegmentMagic => "DEUCJRNL"u8;

    public static string SegmentName(long number) => number.ToString("d10", System.Globalization.CultureInfo.InvariantCulture) + SegmentSuffix;

    public static bool TryParseSegment(string name, out long number)
    {
        number = 0;
        return name.EndsWith(SegmentSuffix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, name.Length - SegmentSuffix.Length), System.Globalization.NumberStyles.None, null, out number)
            && number is > 0 and <= uint.MaxValue;
    }

    public static void WriteSegmentHeader(Span<byte> bytes, in SegmentHeader header)
    {
        bytes[..SegmentHeaderLength].Clear();
        SegmentMagic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], (uint)header.Sync);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], (ulong)header.Segment);
        WriteId(bytes[24..], header.JournalId);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[40..], header.Mark.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], header.CreatedMilliseconds);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[56..], (uint)header.PreviousLength);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[60..], Crc32C.Compute(bytes[..60]));
    }

    /// <summary>False where the bytes are no header; a version of the future throws, since it is no damage.</summary>
    public static bool TryReadSegmentHeader(ReadOnlySpan<byte> bytes, out SegmentHeader header)
    {
        header = default;
        if (bytes.Length < SegmentHeaderLength || !bytes.StartsWith(SegmentMagic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[60..]) != Crc32C.Compute(bytes[..60]))
        {
            return false;
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (version != Version)
        {
            throw new NotSupportedException($"journal format version {version}, this program knows {Version}");
        }

        header = new SegmentHeader(
            (long)BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            ReadId(bytes[24..]),
            (JournalSync)BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
            new JournalPosition(BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..])),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[56..]));
        return true;
    }

    public static void WriteRoundHeader(Span<byte> bytes, in RoundHeader header)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, RoundMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], header.Tag);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], header.Position.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], header.Mark.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], (uint)header.BodyLength);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[28..], (uint)header.Records);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[32..], header.Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[36..], header.BodyCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[40..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[44..], Crc32C.Compute(bytes[..44]));
    }

    public static bool TryReadRoundHeader(ReadOnlySpan<byte> bytes, out RoundHeader header)
    {
        header = default;
        if (bytes.Length < RoundHeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != RoundMagic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[44..]) != Crc32C.Compute(bytes[..44]))
        {
            return false;
        }

        header = new RoundHeader(
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
            new JournalPosition(BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..])),
            new JournalPosition(BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..])),
            (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]),
            (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[36..]));
        return header.BodyLength >= 0 && header.Records >= 0;
    }

    /// <summary>Fills the header of a record but its checksum; returns the checksum of header and payload.</summary>
    public static uint WriteRecordHeader(Span<byte> bytes, int partition, long term, long seq, RecordKind kind, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], payload.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], term);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], seq);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], partition);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[28..], (byte)kind);
        var crc = Crc32C.Append(Crc32C.Compute(bytes[4..RecordHeaderLength]), payload);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, crc);
        return crc;
    }

    /// <summary>The record at the start of the bytes; false where they hold no whole record. Does not check the checksum: the round's covers it.</summary>
    public static bool TryReadRecordHeader(ReadOnlySpan<byte> bytes, out RecordHeader header)
    {
        header = default;
        if (bytes.Length < RecordHeaderLength)
        {
            return false;
        }

        header = new RecordHeader(
            BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
            (RecordKind)bytes[28]);
        return header.PayloadLength >= 0 && header.PayloadLength <= bytes.Length - RecordHeaderLength && header.Partition >= 0;
    }

    public static uint Tag(UInt128 journalId) => (uint)journalId;

    public static void WriteId(Span<byte> bytes, UInt128 id) => BinaryPrimitives.WriteUInt128LittleEndian(bytes, id);

    public static UInt128 ReadId(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt128LittleEndian(bytes);

    public static ReadOnlySpan<byte> RoundMagicBytes => "Rund"u8;
}

/// <summary>First bytes of a segment.</summary>
internal readonly record struct SegmentHeader(long Segment, UInt128 JournalId, JournalSync Sync, JournalPosition Mark, long CreatedMilliseconds, long PreviousLength);

/// <summary>First bytes of a round.</summary>
internal readonly record struct RoundHeader(uint Tag, JournalPosition Position, JournalPosition Mark, int BodyLength, int Records, uint Flags, uint BodyCrc);

/// <summary>First bytes of a record.</summary>
internal readonly record struct RecordHeader(uint Crc, int PayloadLength, long Term, long Seq, int Partition, RecordKind Kind);
