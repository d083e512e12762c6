using System.Buffers.Binary;
using Deucalion.Common.Hashing;
using Deucalion.Common.Identifiers;

namespace Deucalion.Common.Log;

/// <summary>The bytes of a checkpoint file: docs/formats/journal.md, "Checkpoint".</summary>
internal static class CheckpointFormat
{
    public const uint Version = 1;
    public const int HeaderLength = 64;
    public const int BlockHeaderLength = 12;
    public const int BlockLength = 256 << 10;
    public const uint EndSection = uint.MaxValue;

    public static ReadOnlySpan<byte> Magic => "DEUCCKPT"u8;

    public static void WriteHeader(Span<byte> bytes, in CheckpointHeader header)
    {
        bytes[..HeaderLength].Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], header.Partition.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], header.Term);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], header.Seq);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[32..], header.Crc);
        JournalFormat.WriteId(bytes[40..], header.Incarnation);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[60..], Crc32C.Compute(bytes[..60]));
    }

    public static CheckpointHeader ReadHeader(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length < HeaderLength || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[60..]) != Crc32C.Compute(bytes[..60]))
        {
            throw new LogCorruptException($"checkpoint {path}: the header is damaged");
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (version != Version)
        {
            throw new NotSupportedException($"checkpoint {path}: format version {version}, this program knows {Version}");
        }

        return new CheckpointHeader(
            new PartitionId(BinaryPrimitives.ReadInt32LittleEndian(bytes[12..])),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]),
            JournalFormat.ReadId(bytes[40..]));
    }

    /// <summary>Checksum of a block: of its number in the file, section, length and bytes, so that blocks cannot change places.</summary>
    public static uint BlockCrc(uint number, uint section, ReadOnlySpan<byte> bytes)
    {
        Span<byte> place = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(place, number);
        BinaryPrimitives.WriteUInt32LittleEndian(place[4..], section);
        BinaryPrimitives.WriteInt32LittleEndian(place[8..], bytes.Length);
        return Crc32C.Append(Crc32C.Compute(place), bytes);
    }
}
