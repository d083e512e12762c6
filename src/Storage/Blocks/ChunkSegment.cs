using System.Buffers.Binary;
using System.Globalization;
using Deucalion.Common.Hashing;

namespace Deucalion.Storage.Blocks;

/// <summary>The format of a chunks file.</summary>
internal static class ChunkSegment
{
    public const uint Magic = 0x85BD40DD;
    public const byte Version = 1;
    public const int HeaderSize = 8;
    public const int CrcSize = 4;

    // Length prefix, at most, and the encoding byte.
    public const int MaxPrefixSize = 6;

    public static void VerifyHeader(ReadOnlySpan<byte> header)
    {
        if (header.Length < HeaderSize || BinaryPrimitives.ReadUInt32BigEndian(header) != Magic || header[4] != Version)
        {
            throw new CorruptBlockException("chunks: a file does not begin as one");
        }
    }

    /// <summary>Size of the whole entry that begins with the bytes.</summary>
    public static int EntrySize(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        var length = reader.Uvarint();
        if (length > int.MaxValue / 2)
        {
            throw new CorruptBlockException("chunks: a chunk has an impossible length");
        }

        return reader.Position + 1 + (int)length + CrcSize;
    }

    /// <summary>The chunk of the entry that the bytes begin with, checksum verified.</summary>
    public static ReadOnlySpan<byte> Chunk(ReadOnlySpan<byte> entry, out byte encoding)
    {
        var reader = new ByteReader(entry);
        var length = reader.Uvarint();
        if (length > int.MaxValue / 2)
        {
            throw new CorruptBlockException("chunks: a chunk has an impossible length");
        }

        var body = reader.Bytes(1 + (int)length);
        if (Crc32C.Compute(body) != reader.UInt32())
        {
            throw new CorruptBlockException("chunks: checksum of a chunk does not match");
        }

        encoding = body[0];
        return body[1..];
    }

    /// <summary>Number of a chunks file from its name, from 0, or -1 for other names.</summary>
    public static int SegmentOf(string name) =>
        name.Length >= 6 && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number - 1
            : -1;
}
