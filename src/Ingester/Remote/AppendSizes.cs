using Deucalion.Common.Contracts;

namespace Deucalion.Ingester.Remote;

/// <summary>
/// Bytes that parts of a batch take in an <c>AppendCall</c>, at most: all columns together. Each text counts as often as it is referred to.
/// </summary>
internal static class AppendSizes
{
    /// <summary>Of a sample.</summary>
    public const int Sample = 24;

    // Besides their texts and bytes.
    private const int Label = 16;
    private const int Histogram = 20;
    private const int Exemplar = 20;
    private const int Series = 24;
    private const int Metadata = 28;

    /// <summary>Of a series with all that it has.</summary>
    public static long Of(WriteBatch batch, in WriteSeries series)
    {
        var size = OfLabels(batch, series) + ((long)Sample * series.SampleCount);
        foreach (ref readonly var histogram in batch.Histograms.Slice(series.FirstHistogram, series.HistogramCount))
        {
            size += Of(histogram);
        }

        foreach (ref readonly var exemplar in batch.Exemplars.Slice(series.FirstExemplar, series.ExemplarCount))
        {
            size += Of(batch, exemplar);
        }

        return size;
    }

    /// <summary>Of a series without samples.</summary>
    public static long OfLabels(WriteBatch batch, in WriteSeries series) => Series + Of(batch.Labels.Slice(series.FirstLabel, series.LabelCount));

    public static long Of(in WriteHistogram histogram) => Histogram + histogram.Length;

    public static long Of(WriteBatch batch, in WriteExemplar exemplar) => Exemplar + Of(batch.ExemplarLabels.Slice(exemplar.FirstLabel, exemplar.LabelCount));

    public static long Of(in WriteMetadata entry) => Metadata + entry.FamilyLength + entry.HelpLength + (long)entry.UnitLength;

    private static long Of(ReadOnlySpan<WriteLabel> labels)
    {
        var size = 0L;
        foreach (ref readonly var label in labels)
        {
            size += Label + label.NameLength + label.ValueLength;
        }

        return size;
    }
}
