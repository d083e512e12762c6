using System.Buffers.Binary;
using System.Text;
using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Index;

/// <summary>Where a postings list lies in the index: it begins at Offset and ends before End.</summary>
internal readonly record struct PostingsRange(long Offset, long End);

/// <summary>
/// The postings offset table: for each label name its values, sorted, with the place of their postings. Kept as it lies in the file, with
/// the position of every 32nd value and the last. Thread-safe.
/// </summary>
internal sealed class PostingsTable
{
    private const int FirstPosition = 8;

    private readonly ByteWindow _window;
    private readonly Dictionary<string, NameEntry> _names;
    private readonly int[] _samples;
    private readonly long _postingsEnd;

    private PostingsTable(ByteWindow window, Dictionary<string, NameEntry> names, string[] sortedNames, int[] samples, long postingsEnd)
    {
        _window = window;
        _names = names;
        Names = sortedNames;
        _samples = samples;
        _postingsEnd = postingsEnd;
    }

    /// <summary>All label names, sorted; the empty one of the list of all series is not among them.</summary>
    public IReadOnlyList<string> Names { get; }

    public static async ValueTask<PostingsTable> LoadAsync(
        IByteSource source, IndexToc toc, int version, CancellationToken cancellationToken)
    {
        var window = await IndexSection.KeepAsync(source, toc.PostingsTable, "postings offset table", cancellationToken);
        if (version == 1)
        {
            window = new ByteWindow(Sorted(window.Span));
        }

        // Postings end where the table of label indices, or else this one, begins.
        var end = toc.LabelIndicesTable > toc.Postings ? toc.LabelIndicesTable : toc.PostingsTable;
        return Parse(window, end);
    }

    /// <summary>Number of values of a name.</summary>
    public int ValueCount(string name) => _names.TryGetValue(name, out var entry) ? entry.ValueCount : 0;

    /// <summary>The values of a name, sorted.</summary>
    public PostingsValues Values(string name) =>
        _names.TryGetValue(name, out var entry)
            ? new PostingsValues(Entries, entry.FirstPosition, entry.ValueCount, _postingsEnd)
            : default;

    /// <summary>The postings of one pair.</summary>
    public bool TryFind(string name, string value, out PostingsRange range)
    {
        range = default;
        if (!_names.TryGetValue(name, out var entry))
        {
            return false;
        }

        Span<byte> wanted = value.Length <= 256 ? stackalloc byte[768] : new byte[Encoding.UTF8.GetMaxByteCount(value.Length)];
        wanted = wanted[..Encoding.UTF8.GetBytes(value, wanted)];

        // The last sample at or before the wanted value.
        var (low, high) = (0, entry.SampleCount - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            var sampled = new PostingsValues(Entries, _samples[entry.FirstSample + middle], 1, _postingsEnd);
            sampled.MoveNext();
            if (sampled.Value.SequenceCompareTo(wanted) <= 0)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        var left = Math.Min(entry.ValueCount - (low * IndexFormat.Sampling), IndexFormat.Sampling);
        var values = new PostingsValues(Entries, _samples[entry.FirstSample + low], Math.Max(left, 1), _postingsEnd);
        while (values.MoveNext())
        {
            var order = values.Value.SequenceCompareTo(wanted);
            if (order >= 0)
            {
                range = values.Range;
                return order == 0;
            }
        }

        return false;
    }

    private ReadOnlySpan<byte> Entries => _window.Span[..^IndexFormat.CrcSize];

    private static PostingsTable Parse(ByteWindow window, long postingsEnd)
    {
        var span = window.Span;
        var count = BinaryPrimitives.ReadUInt32BigEndian(span[4..]);
        var names = new Dictionary<string, NameEntry>();
        var sorted = new List<string>();
        var samples = new List<int>();
        var reader = new ByteReader(span[..^IndexFormat.CrcSize]) { Position = FirstPosition };
        ReadOnlySpan<byte> current = default;
        NameEntry? entry = null;
        for (var i = 0U; i < count; i++)
        {
            var position = reader.Position;
            RequirePair(ref reader);
            var name = reader.String();
            reader.String();
            reader.Uvarint();
            if (entry is null || !name.SequenceEqual(current))
            {
                current = name;
                entry = new NameEntry { FirstPosition = position, FirstSample = samples.Count };
                var text = Encoding.UTF8.GetString(name);
                if (!names.TryAdd(text, entry))
                {
                    throw new CorruptBlockException("index: the postings offset table is not sorted");
                }

                if (text.Length > 0)
                {
                    sorted.Add(text);
                }
            }

            if (entry.ValueCount++ % IndexFormat.Sampling == 0)
            {
                samples.Add(position);
                entry.SampleCount++;
            }
        }

        return new PostingsTable(window, names, [.. sorted], [.. samples], postingsEnd);
    }

    // Version 1 does not promise an order: the entries are copied in the order of version 2.
    private static byte[] Sorted(ReadOnlySpan<byte> section)
    {
        var count = BinaryPrimitives.ReadUInt32BigEndian(section[4..]);
        var reader = new ByteReader(section[..^IndexFormat.CrcSize]) { Position = FirstPosition };
        var entries = new List<(byte[] Name, byte[] Value, byte[] Bytes)>();
        for (var i = 0U; i < count; i++)
        {
            var start = reader.Position;
            RequirePair(ref reader);
            var name = reader.String().ToArray();
            var value = reader.String().ToArray();
            reader.Uvarint();
            entries.Add((name, value, section[start..reader.Position].ToArray()));
        }

        entries.Sort(static (a, b) =>
        {
            var byName = a.Name.AsSpan().SequenceCompareTo(b.Name);
            return byName != 0 ? byName : a.Value.AsSpan().SequenceCompareTo(b.Value);
        });
        var result = new byte[section.Length];
        section[..FirstPosition].CopyTo(result);
        var at = FirstPosition;
        foreach (var entry in entries)
        {
            entry.Bytes.CopyTo(result, at);
            at += entry.Bytes.Length;
        }

        return result;
    }

    private static void RequirePair(ref ByteReader reader)
    {
        if (reader.Uvarint() != 2)
        {
            throw new CorruptBlockException("index: an entry of the postings offset table is not a pair");
        }
    }

    private sealed class NameEntry
    {
        public int FirstPosition { get; init; }

        public int FirstSample { get; init; }

        public int SampleCount { get; set; }

        public int ValueCount { get; set; }
    }
}
