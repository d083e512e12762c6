using System.Buffers.Binary;
using Deucalion.Common.Hashing;

namespace Deucalion.Storage.Tests.Blocks;

/// <summary>Changes the bytes of an index, with checksums that fit.</summary>
internal sealed class IndexPatch(byte[] index)
{
    public byte[] Bytes => index;

    /// <summary>Offsets of the series entries.</summary>
    public List<int> Entries()
    {
        var result = new List<int>();
        for (var at = (Toc(1) + 15) / 16 * 16; at < Toc(2) && index[at] != 0;)
        {
            result.Add(at);
            var body = at;
            var length = (int)Uvarint(ref body);
            at = (body + length + 4 + 15) / 16 * 16;
        }

        return result;
    }

    /// <summary>Lets a change be made to the body of an entry: its offset in the index.</summary>
    public void Entry(int number, Action<int> change)
    {
        var body = Entries()[number];
        var length = (int)Uvarint(ref body);
        change(body);
        Sum(body, length);
    }

    /// <summary>Where the chunks of an entry begin, behind their count.</summary>
    public int Chunks(int body)
    {
        for (var left = 2 * Uvarint(ref body); left > 0; left--)
        {
            Uvarint(ref body);
        }

        Uvarint(ref body);
        return body;
    }

    /// <summary>Exchanges two entries of the same length.</summary>
    public void Swap(int first, int second)
    {
        var (a, b) = (Entries()[first], Entries()[second]);
        var body = a;
        var size = (int)Uvarint(ref body) + body - a + 4;
        var copy = index.AsSpan(a, size).ToArray();
        index.AsSpan(b, size).CopyTo(index.AsSpan(a));
        copy.CopyTo(index, b);
    }

    /// <summary>Lets a change be made to the numbers of a postings list, counted as they lie in the file; the list of all series is the first.</summary>
    public void Postings(int number, Action<uint[]> change)
    {
        var at = (Toc(4) + 3) / 4 * 4;
        for (; number > 0; number--)
        {
            at += 8 + Int32(at);
        }

        var ids = new uint[Int32(at + 4)];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = (uint)Int32(at + 8 + (4 * i));
        }

        change(ids);
        for (var i = 0; i < ids.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(index.AsSpan(at + 8 + (4 * i)), ids[i]);
        }

        Sum(at + 4, Int32(at));
    }

    /// <summary>Offset of a section of the table of contents: 0 symbols, 1 series, 2 label indices, 4 postings, 5 table of postings.</summary>
    public int Toc(int section) => (int)BinaryPrimitives.ReadInt64BigEndian(index.AsSpan(index.Length - 52 + (8 * section)));

    public ulong Uvarint(ref int at)
    {
        var result = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var b = index[at++];
            result |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return result;
            }
        }
    }

    private int Int32(int at) => BinaryPrimitives.ReadInt32BigEndian(index.AsSpan(at));

    private void Sum(int start, int length) =>
        BinaryPrimitives.WriteUInt32BigEndian(index.AsSpan(start + length), Crc32C.Compute(index.AsSpan(start, length)));
}
