using System.Collections.Concurrent;
using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Storage.Head.Records;

namespace Deucalion.Storage.Head;

/// <summary>Metadata of metric families, newest wins. Staged and applied by the writer, listed by readers.</summary>
internal sealed class HeadMetadata
{
    // More than any sender has; keeps a sender of ever new families from filling the memory.
    private const int MaxFamilies = 100_000;
    private const int MaxFamilyLength = 1024;

    // Longer than anybody writes; with the bound of a record it keeps those within what a log takes.
    private const int MaxTextLength = 1 << 20;
    private const int MaxBytes = 16 << 20;

    private static readonly string[] Types = ["unknown", "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset"];

    private readonly ConcurrentDictionary<string, Entry> _applied = new();
    private readonly Dictionary<string, Entry> _staged = [];
    private readonly MetadataRecord _record = new();

    /// <summary>All families, sorted by name.</summary>
    public IReadOnlyList<MetricMetadata> All() =>
        [.. _applied.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => e.Value.ToMetadata(e.Key))];

    /// <summary>Writes a record of the entries that are new or differ from what is applied or staged.</summary>
    public void Stage(WriteBatch batch, ReadOnlySpan<int> entries, IRecordSink records)
    {
        _record.Clear();
        var applied = _applied.GetAlternateLookup<ReadOnlySpan<char>>();
        var staged = _staged.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> buffer = stackalloc char[MaxFamilyLength];
        var text = batch.Text;
        foreach (var index in entries)
        {
            var entry = batch.Metadata[index];
            if (entry.FamilyLength is 0 or > MaxFamilyLength || entry.HelpLength > MaxTextLength || entry.UnitLength > MaxTextLength)
            {
                continue;
            }

            var familyBytes = text.Slice(entry.FamilyOffset, entry.FamilyLength);
            var family = buffer[..Encoding.UTF8.GetChars(familyBytes, buffer)];
            var help = text.Slice(entry.HelpOffset, entry.HelpLength);
            var unit = text.Slice(entry.UnitOffset, entry.UnitLength);
            var type = entry.Type >= 0 && entry.Type < Types.Length ? entry.Type : 0;
            var isKnown = staged.TryGetValue(family, out var known) || applied.TryGetValue(family, out known);
            if (isKnown ? known!.Is(type, help, unit) : _applied.Count + _staged.Count >= MaxFamilies)
            {
                continue;
            }

            staged[family] = new Entry(type, help, unit);
            _record.Add(type, familyBytes, help, unit);
            if (_record.Length >= MaxBytes)
            {
                EndRecord(records);
            }
        }

        EndRecord(records);
    }

    private void EndRecord(IRecordSink records)
    {
        if (_record.Count > 0)
        {
            _record.WriteTo(records.Begin(RecordKind.Metadata));
            records.End();
            _record.Clear();
        }
    }

    /// <summary>Applies a record.</summary>
    public void Apply(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        reader.Version(MetadataRecord.Version);
        var count = reader.Count(4);
        for (var i = 0; i < count; i++)
        {
            var type = reader.Number(Types.Length);
            var family = Encoding.UTF8.GetString(reader.Text());
            var entry = new Entry(type, reader.Text(), reader.Text());
            _applied[family] = entry;
            if (_staged.TryGetValue(family, out var staged) && staged.Is(entry.Type, entry.Help, entry.Unit))
            {
                _staged.Remove(family);
            }
        }

        reader.End();
    }

    /// <summary>Forgets what has been staged and not applied.</summary>
    public void DropStaged() => _staged.Clear();

    /// <summary>Writes all families as the payload of a record.</summary>
    public void WriteTo(RecordBuffer buffer)
    {
        buffer.Byte(MetadataRecord.Version);
        var entries = _applied.OrderBy(e => e.Key, StringComparer.Ordinal).ToList();
        buffer.Varint((ulong)entries.Count);
        foreach (var (family, entry) in entries)
        {
            buffer.Varint((ulong)entry.Type);
            buffer.Text(Encoding.UTF8.GetBytes(family));
            buffer.Text(entry.Help);
            buffer.Text(entry.Unit);
        }
    }

    private sealed class Entry(int type, ReadOnlySpan<byte> help, ReadOnlySpan<byte> unit)
    {
        public int Type { get; } = type;

        public byte[] Help { get; } = help.ToArray();

        public byte[] Unit { get; } = unit.ToArray();

        public bool Is(int type, ReadOnlySpan<byte> help, ReadOnlySpan<byte> unit) =>
            Type == type && help.SequenceEqual(Help) && unit.SequenceEqual(Unit);

        public MetricMetadata ToMetadata(string family) =>
            new(family, Types[Type], Encoding.UTF8.GetString(Help), Encoding.UTF8.GetString(Unit));
    }
}
