using System.Buffers.Binary;
using Deucalion.Common.Hashing;
using IronSnappy;

namespace Deucalion.Storage.Tests.Tools.Prometheus;

/// <summary>Writes segments of a log of Prometheus, independent of the product's reader.</summary>
internal sealed class WalWriter
{
    private const int PageSize = 32 << 10;
    private readonly List<byte> _segment = [];

    /// <summary>Adds a record; compressed means as one snappy block, as long as that is shorter.</summary>
    public WalWriter Add(byte[] record, bool compressed = false)
    {
        var block = compressed ? Snappy.Encode(record) : record;
        var flag = compressed && block.Length < record.Length ? 8 : 0;
        return Fragments(flag == 0 ? record : block, (byte)flag);
    }

    /// <summary>Adds bytes as a record whose fragments have a flag.</summary>
    public WalWriter Fragments(ReadOnlySpan<byte> left, byte flag)
    {
        var first = true;
        do
        {
            var room = PageSize - (_segment.Count % PageSize);
            if (room < 7)
            {
                _segment.AddRange(new byte[room]);
                continue;
            }

            var part = left[..Math.Min(left.Length, room - 7)];
            left = left[part.Length..];
            var type = (first, left.IsEmpty) switch { (true, true) => 1, (true, false) => 2, (false, false) => 3, _ => 4 };
            first = false;
            var header = new byte[7];
            header[0] = (byte)(type | flag);
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(1), (ushort)part.Length);
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(3), Crc32C.Compute(part));
            _segment.AddRange(header);
            _segment.AddRange(part);
        }
        while (!left.IsEmpty || first);
        return this;
    }

    public byte[] ToArray() => [.. _segment];

    public void Save(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, ToArray());
    }
}
