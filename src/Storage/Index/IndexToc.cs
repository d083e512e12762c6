using System.Buffers.Binary;
using Deucalion.Common.Hashing;
using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Index;

/// <summary>Where the sections of an index begin; 0 = absent.</summary>
internal readonly record struct IndexToc(
    long Symbols, long Series, long LabelIndices, long LabelIndicesTable, long Postings, long PostingsTable)
{
    public static IndexToc Parse(ReadOnlySpan<byte> bytes, long fileLength)
    {
        var body = bytes[..(IndexFormat.TocSize - IndexFormat.CrcSize)];
        if (Crc32C.Compute(body) != BinaryPrimitives.ReadUInt32BigEndian(bytes[body.Length..]))
        {
            throw new CorruptBlockException("index: checksum of the table of contents does not match");
        }

        Span<long> at = stackalloc long[6];
        for (var i = 0; i < at.Length; i++)
        {
            at[i] = BinaryPrimitives.ReadInt64BigEndian(body[(8 * i)..]);
            if (at[i] < 0 || at[i] > fileLength - IndexFormat.TocSize)
            {
                throw new CorruptBlockException("index: a section begins outside the file");
            }
        }

        return new IndexToc(at[0], at[1], at[2], at[3], at[4], at[5]);
    }

    public void Write(Span<byte> bytes)
    {
        ReadOnlySpan<long> at = [Symbols, Series, LabelIndices, LabelIndicesTable, Postings, PostingsTable];
        for (var i = 0; i < at.Length; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes[(8 * i)..], at[i]);
        }

        BinaryPrimitives.WriteUInt32BigEndian(bytes[48..], Crc32C.Compute(bytes[..48]));
    }
}
