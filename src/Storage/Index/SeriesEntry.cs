using Deucalion.Common.Hashing;
using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Index;

/// <summary>Parses the entries of the series section.</summary>
internal static class SeriesEntry
{
    /// <summary>
    /// The body of the entry at the start of the bytes, checksum verified. Returns false where the bytes end before it does; then
    /// <paramref name="needed"/> says how many it takes.
    /// </summary>
    public static bool TryBody(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> body, out int needed)
    {
        body = default;
        var reader = new ByteReader(bytes);
        var length = reader.Uvarint32();
        if (length > int.MaxValue / 2)
        {
            throw new CorruptBlockException("index: a series entry has an impossible length");
        }

        needed = reader.Position + (int)length + IndexFormat.CrcSize;
        if (needed > bytes.Length)
        {
            return false;
        }

        body = reader.Bytes((int)length);
        if (Crc32C.Compute(body) != reader.UInt32())
        {
            throw new CorruptBlockException("index: checksum of a series entry does not match");
        }

        return true;
    }

    /// <summary>Passes over the labels, giving their symbol references (name, value, name, value …).</summary>
    public static void LabelReferences(ref ByteReader body, List<uint> references)
    {
        references.Clear();
        for (var left = 2 * body.Count(2); left > 0; left--)
        {
            references.Add(body.Uvarint32());
        }
    }

    /// <summary>Adds the chunks that follow the labels and overlap [minTime, maxTime]; returns how many were added.</summary>
    public static int Chunks(ref ByteReader body, long minTime, long maxTime, List<ChunkMeta> chunks)
    {
        var count = body.Count(3);
        var added = 0;
        var previousMax = 0L;
        var reference = 0UL;
        for (var i = 0; i < count; i++)
        {
            var min = i == 0 ? body.Varint() : previousMax + (long)body.Uvarint();
            var max = min + (long)body.Uvarint();
            reference = i == 0 ? body.Uvarint() : reference + (ulong)body.Varint();
            previousMax = max;
            if (min <= maxTime && max >= minTime)
            {
                chunks.Add(new ChunkMeta(reference, min, max));
                added++;
            }
        }

        return added;
    }
}
