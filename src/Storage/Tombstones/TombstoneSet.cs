using System.Buffers.Binary;
using Deucalion.Common.Hashing;
using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Tombstones;

/// <summary>
/// The deletions of a block: for a series, by its number in the index, the ranges whose samples are gone. Immutable and thread-safe.
/// Damaged bytes are <see cref="CorruptBlockException"/>.
/// </summary>
public sealed class TombstoneSet
{
    /// <summary>No deletions.</summary>
    public static readonly TombstoneSet Empty = new([]);

    private const uint Magic = 0x0130BA30;
    private const byte Version = 1;
    private const int HeaderSize = 5;

    private readonly Dictionary<uint, TimeInterval[]> _intervals;

    private TombstoneSet(Dictionary<uint, TimeInterval[]> intervals)
    {
        _intervals = intervals;
    }

    /// <summary>Number of ranges, as the block's statistics count them.</summary>
    public int Count => _intervals.Values.Sum(static i => i.Length);

    /// <summary>Numbers of the series that have deletions.</summary>
    public IEnumerable<uint> Series => _intervals.Keys;

    /// <summary>Deletions from ranges in any order; those of a series that touch or overlap become one.</summary>
    public static TombstoneSet From(IEnumerable<(uint Series, TimeInterval Interval)> deletions) => new(
        deletions.GroupBy(static d => d.Series).ToDictionary(static g => g.Key, static g => Union(g.Select(static d => d.Interval))));

    /// <summary>Parses a tombstones file.</summary>
    public static TombstoneSet Parse(ReadOnlySpan<byte> file)
    {
        if (file.Length < HeaderSize + 4 || BinaryPrimitives.ReadUInt32BigEndian(file) != Magic || file[4] != Version)
        {
            throw new CorruptBlockException("tombstones: the file does not begin as one");
        }

        var body = file[HeaderSize..^4];
        if (Crc32C.Compute(body) != BinaryPrimitives.ReadUInt32BigEndian(file[^4..]))
        {
            throw new CorruptBlockException("tombstones: the checksum does not match");
        }

        var deletions = new List<(uint, TimeInterval)>();
        var reader = new ByteReader(body);
        while (reader.Left > 0)
        {
            deletions.Add((reader.Uvarint32(), new TimeInterval(reader.Varint(), reader.Varint())));
        }

        return From(deletions);
    }

    /// <summary>The bytes of a tombstones file.</summary>
    public byte[] ToFile()
    {
        var file = new ByteBuffer();
        file.UInt32(Magic);
        file.Byte(Version);
        foreach (var (series, intervals) in _intervals.OrderBy(static e => e.Key))
        {
            foreach (var interval in intervals)
            {
                file.Uvarint(series);
                file.Varint(interval.Min);
                file.Varint(interval.Max);
            }
        }

        file.UInt32(Crc32C.Compute(file.Span[HeaderSize..]));
        return file.Span.ToArray();
    }

    /// <summary>Deleted ranges of a series, sorted and apart.</summary>
    public ReadOnlyMemory<TimeInterval> Of(uint series) => _intervals.TryGetValue(series, out var found) ? found : default;

    private static TimeInterval[] Union(IEnumerable<TimeInterval> intervals)
    {
        var result = new List<TimeInterval>();
        foreach (var next in intervals.OrderBy(static i => i.Min))
        {
            if (next.Max < next.Min)
            {
                continue;
            }

            if (result.Count > 0 && (result[^1].Max == long.MaxValue || next.Min <= result[^1].Max + 1))
            {
                result[^1] = result[^1] with { Max = Math.Max(result[^1].Max, next.Max) };
            }
            else
            {
                result.Add(next);
            }
        }

        return [.. result];
    }
}
