using System.Buffers;
using System.Text;

namespace Deucalion.Storage.Head.Records;

/// <summary>Payloads of cut and truncate records (docs/formats/head-records.md).</summary>
internal static class WindowRecords
{
    private const byte Version = 1;
    private const int MaxUlid = 64;

    public static void WriteCut(IBufferWriter<byte> writer, long windowStart, long generation)
    {
        var buffer = new RecordBuffer();
        buffer.Byte(Version);
        buffer.Signed(windowStart);
        buffer.Varint((ulong)generation);
        buffer.CopyTo(writer);
    }

    public static (long WindowStart, long Generation) ReadCut(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        reader.Version(Version);
        var windowStart = reader.Signed();
        var generation = (long)reader.Varint();
        reader.End();
        return (windowStart, generation);
    }

    public static void WriteTruncate(IBufferWriter<byte> writer, long generation, string ulid, long at, List<int> dropped)
    {
        var buffer = new RecordBuffer();
        buffer.Byte(Version);
        buffer.Varint((ulong)generation);
        buffer.Text(Encoding.UTF8.GetBytes(ulid));
        buffer.Signed(at);
        buffer.Varint((ulong)dropped.Count);
        var previous = -1;
        foreach (var seriesRef in dropped)
        {
            buffer.Varint((ulong)(seriesRef - previous - 1));
            previous = seriesRef;
        }

        buffer.CopyTo(writer);
    }

    /// <summary>Reads the payload; dropped refs, ascending, are added to the list.</summary>
    public static (long Generation, string Ulid, long At) ReadTruncate(ReadOnlySpan<byte> payload, List<int> dropped)
    {
        var reader = new RecordReader(payload);
        reader.Version(Version);
        var generation = (long)reader.Varint();
        var ulid = reader.Text();
        var at = reader.Signed();
        if (ulid.Length > MaxUlid)
        {
            RecordReader.Malformed();
        }

        var count = reader.Count(1);
        var previous = -1L;
        for (var i = 0; i < count; i++)
        {
            previous += 1 + reader.Number(int.MaxValue);
            if (previous >= int.MaxValue)
            {
                RecordReader.Malformed();
            }

            dropped.Add((int)previous);
        }

        reader.End();
        return (generation, Encoding.UTF8.GetString(ulid), at);
    }
}
