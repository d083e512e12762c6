using Deucalion.Common.Contracts;

namespace Deucalion.Ingester.Push;

/// <summary>
/// Makes metadata of families from that of series: remote write 2.0 repeats a family's with each of its series, here it is added once for a run of
/// series. The family's name is the metric's, without what a histogram or summary adds to it.
/// </summary>
internal struct SeriesFamilies(WriteBatch batch, List<TextRange> symbols)
{
    private const ulong Histogram = 3;
    private const ulong GaugeHistogram = 4;
    private const ulong Summary = 5;
    private const ulong MaxType = 7;

    private WriteMetadata? _last;

    /// <summary>Adds the metadata of the batch's last series. Nothing where it says nothing, or points to symbols that are not there.</summary>
    public void Add(ReadOnlySpan<byte> text, ulong type, ulong help, ulong unit)
    {
        var known = (ulong)symbols.Count;
        if (type > MaxType || help >= known || unit >= known || !TryFindName(text, out var name))
        {
            return;
        }

        var (helpText, unitText) = (symbols[(int)help], symbols[(int)unit]);
        if (type == 0 && helpText.Length == 0 && unitText.Length == 0)
        {
            return;
        }

        var length = name.Length - SuffixOf(text.Slice(name.Offset, name.Length), type);
        var entry = new WriteMetadata((int)type, name.Offset, length, helpText.Offset, helpText.Length, unitText.Offset, unitText.Length);
        if (_last is { } last && IsSame(last, entry, text))
        {
            return;
        }

        _last = entry;
        batch.AddMetadata(entry);
    }

    private readonly bool TryFindName(ReadOnlySpan<byte> text, out TextRange name)
    {
        var series = batch.Series[^1];
        foreach (ref readonly var label in batch.Labels.Slice(series.FirstLabel, series.LabelCount))
        {
            if (text.Slice(label.NameOffset, label.NameLength).SequenceEqual("__name__"u8))
            {
                name = new TextRange(label.ValueOffset, label.ValueLength);
                return name.Length > 0;
            }
        }

        name = default;
        return false;
    }

    private static int SuffixOf(ReadOnlySpan<byte> name, ulong type)
    {
        var suffix = type switch
        {
            Histogram when name.EndsWith("_bucket"u8) => "_bucket"u8,
            GaugeHistogram when name.EndsWith("_bucket"u8) => "_bucket"u8,
            GaugeHistogram when name.EndsWith("_gcount"u8) => "_gcount"u8,
            GaugeHistogram when name.EndsWith("_gsum"u8) => "_gsum"u8,
            Histogram or Summary when name.EndsWith("_count"u8) => "_count"u8,
            Histogram or Summary when name.EndsWith("_sum"u8) => "_sum"u8,
            _ => default,
        };
        return suffix.Length < name.Length ? suffix.Length : 0;
    }

    private static bool IsSame(in WriteMetadata a, in WriteMetadata b, ReadOnlySpan<byte> text) =>
        (a.Type, a.HelpOffset, a.HelpLength, a.UnitOffset, a.UnitLength) == (b.Type, b.HelpOffset, b.HelpLength, b.UnitOffset, b.UnitLength)
            && text.Slice(a.FamilyOffset, a.FamilyLength).SequenceEqual(text.Slice(b.FamilyOffset, b.FamilyLength));
}
