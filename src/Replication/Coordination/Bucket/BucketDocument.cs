using System.Buffers.Binary;
using System.Security.Cryptography;
using Deucalion.Common.Hashing;

namespace Deucalion.Replication.Coordination.Bucket;

/// <summary>
/// An object of the store: a value, or the record of a deletion, with a random name of this very write and those of the writes before it. So no two objects are
/// equal (entity tags are hashes of contents), and a writer that got no answer can tell what became of its write. Format: docs/formats/coordination.md.
/// </summary>
/// <param name="Name">Name of the write.</param>
/// <param name="History">Names of the writes that it replaced, the last first, at most <see cref="LongestHistory"/>: all since the creation if fewer.</param>
/// <param name="IsTombstone">Whether it records a deletion.</param>
/// <param name="Value">The value; of a tombstone when the deletion was made.</param>
internal sealed record BucketDocument(WriteName Name, IReadOnlyList<WriteName> History, bool IsTombstone, ReadOnlyMemory<byte> Value)
{
    /// <summary>Most names in a history.</summary>
    public const int LongestHistory = 16;

    private const int NameLength = 16;
    private const int NameOffset = 8;
    private const int LengthOffset = 24;
    private const int HistoryCountOffset = 28;
    private const int CrcOffset = 32;
    private const int HistoryOffset = 36;
    private const int TimeLength = 8;

    private static ReadOnlySpan<byte> Magic => "DEUCOBJ1"u8;

    private static ReadOnlySpan<byte> TombstoneMagic => "DEUCDEL1"u8;

    /// <summary>When the deletion was made; only of a tombstone.</summary>
    public DateTimeOffset DeletedAt => DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(Value.Span));

    /// <summary>A new write of a value, with this history.</summary>
    public static BucketDocument Of(ReadOnlyMemory<byte> value, IReadOnlyList<WriteName> history) => new(WriteName.New(), history, false, value);

    /// <summary>A new write of a deletion.</summary>
    public static BucketDocument Tombstone(DateTimeOffset now, IReadOnlyList<WriteName> history)
    {
        var value = new byte[TimeLength];
        BinaryPrimitives.WriteInt64LittleEndian(value, now.ToUnixTimeMilliseconds());
        return new BucketDocument(WriteName.New(), history, true, value);
    }

    /// <summary>The history of what replaces this document.</summary>
    public IReadOnlyList<WriteName> HistoryOfNext() => [Name, .. History.Take(LongestHistory - 1)];

    public byte[] Encode()
    {
        var valueOffset = HistoryOffset + (History.Count * NameLength);
        var bytes = new byte[valueOffset + Value.Length];
        (IsTombstone ? TombstoneMagic : Magic).CopyTo(bytes);
        Name.Write(bytes.AsSpan(NameOffset));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(LengthOffset), Value.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(HistoryCountOffset), History.Count);
        for (var i = 0; i < History.Count; i++)
        {
            History[i].Write(bytes.AsSpan(HistoryOffset + (i * NameLength)));
        }

        Value.Span.CopyTo(bytes.AsSpan(valueOffset));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(CrcOffset), Crc(bytes));
        return bytes;
    }

    /// <summary>Reads an object's content; <see cref="CoordinationException"/> where it is none of ours or damaged.</summary>
    public static BucketDocument Decode(string key, ReadOnlyMemory<byte> content)
    {
        var bytes = content.Span;
        var isTombstone = bytes.StartsWith(TombstoneMagic);
        if (bytes.Length < HistoryOffset || (!isTombstone && !bytes.StartsWith(Magic)) || BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcOffset..]) != Crc(bytes))
        {
            throw Damaged(key);
        }

        var names = BinaryPrimitives.ReadInt32LittleEndian(bytes[HistoryCountOffset..]);
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[LengthOffset..]);
        if (names is < 0 or > LongestHistory || length != bytes.Length - HistoryOffset - (names * NameLength) || length < 0)
        {
            throw Damaged(key);
        }

        var history = new WriteName[names];
        for (var i = 0; i < names; i++)
        {
            history[i] = WriteName.Read(bytes[(HistoryOffset + (i * NameLength))..]);
        }

        var value = content[(HistoryOffset + (names * NameLength))..];
        if (isTombstone && (length != TimeLength || Math.Abs(BinaryPrimitives.ReadInt64LittleEndian(value.Span) / 2) > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() / 2))
        {
            throw Damaged(key);
        }

        return new BucketDocument(WriteName.Read(bytes[NameOffset..]), history, isTombstone, value);
    }

    private static CoordinationException Damaged(string key) => new($"object {key} is damaged, or none of the coordination store", null);

    private static uint Crc(ReadOnlySpan<byte> bytes) => Crc32C.Append(Crc32C.Compute(bytes[..CrcOffset]), bytes[HistoryOffset..]);
}

/// <summary>The random name of one write.</summary>
internal readonly record struct WriteName(UInt128 Value)
{
    public static WriteName New()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return Read(bytes);
    }

    public static WriteName Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128LittleEndian(bytes));

    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt128LittleEndian(bytes, Value);

    public override string ToString() => Value.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);
}
