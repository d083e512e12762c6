using System.Buffers.Binary;
using Deucalion.Common.Hashing;
using Deucalion.Common.IO;

namespace Deucalion.Common.Log;

/// <summary>
/// The small file that says why segments are missing: written before segments are deleted. Holds the first segment that counts and, per partition,
/// the seq up to which records may be gone because a checkpoint holds them. Thus a lost checkpoint or segment is noticed.
/// </summary>
internal sealed class ReleasedFile
{
    private const int HeaderLength = 48;
    private const int EntryLength = 16;

    private static ReadOnlySpan<byte> Magic => "DEUCJREL"u8;

    public required UInt128 JournalId { get; init; }

    public required long FirstSegment { get; init; }

    public required IReadOnlyDictionary<int, long> Released { get; init; }

    public static void Write(IDisk disk, string path, ReleasedFile content)
    {
        var bytes = new byte[HeaderLength + (content.Released.Count * EntryLength) + 4];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), JournalFormat.Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), content.Released.Count);
        JournalFormat.WriteId(bytes.AsSpan(16), content.JournalId);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), content.FirstSegment);
        var offset = HeaderLength;
        foreach (var (partition, seq) in content.Released.OrderBy(static entry => entry.Key))
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(offset), partition);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(offset + 8), seq);
            offset += EntryLength;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), Crc32C.Compute(bytes.AsSpan(0, offset)));
        AtomicFile.Write(disk, path, bytes);
    }

    /// <summary>Null where the bytes are damaged.</summary>
    public static ReleasedFile? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderLength + 4 || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]) != Crc32C.Compute(bytes[..^4])
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) != JournalFormat.Version)
        {
            return null;
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        if (count < 0 || HeaderLength + ((long)count * EntryLength) + 4 != bytes.Length)
        {
            return null;
        }

        var released = new Dictionary<int, long>(count);
        for (var i = 0; i < count; i++)
        {
            var entry = bytes[(HeaderLength + (i * EntryLength))..];
            released[BinaryPrimitives.ReadInt32LittleEndian(entry)] = BinaryPrimitives.ReadInt64LittleEndian(entry[8..]);
        }

        return new ReleasedFile
        {
            JournalId = JournalFormat.ReadId(bytes[16..]),
            FirstSegment = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            Released = released,
        };
    }
}
