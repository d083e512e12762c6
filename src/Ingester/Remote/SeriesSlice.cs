using Deucalion.Common.Contracts;

namespace Deucalion.Ingester.Remote;

/// <summary>Some of the samples, histograms and exemplars of a series, by their places in it.</summary>
internal readonly record struct SeriesSlice(
    int FirstSample, int SampleCount, int FirstHistogram, int HistogramCount, int FirstExemplar, int ExemplarCount)
{
    /// <summary>
    /// Slices of a series that take no more bytes each, one item excepted, with the labels that each repeats; in order, so that samples come before the
    /// exemplars that need their series.
    /// </summary>
    public static IEnumerable<SeriesSlice> Of(WriteBatch batch, WriteSeries series, long maxBytes)
    {
        var labels = AppendSizes.OfLabels(batch, series);
        var slice = default(SeriesSlice);
        var bytes = labels;
        for (var i = 0; i < series.SampleCount + series.HistogramCount + series.ExemplarCount; i++)
        {
            var histogram = i - series.SampleCount;
            var exemplar = histogram - series.HistogramCount;
            var size = histogram < 0 ? AppendSizes.Sample
                : exemplar < 0 ? AppendSizes.Of(batch.Histograms[series.FirstHistogram + histogram])
                : AppendSizes.Of(batch, batch.Exemplars[series.FirstExemplar + exemplar]);
            if (bytes + size > maxBytes && !slice.IsEmpty)
            {
                yield return slice;
                slice = slice.Next();
                bytes = labels;
            }

            bytes += size;
            slice = histogram < 0 ? slice with { SampleCount = slice.SampleCount + 1 }
                : exemplar < 0 ? slice with { HistogramCount = slice.HistogramCount + 1 }
                : slice with { ExemplarCount = slice.ExemplarCount + 1 };
        }

        yield return slice;
    }

    /// <summary>The series with nothing but these.</summary>
    public WriteSeries Cut(in WriteSeries series) => series with
    {
        FirstSample = series.FirstSample + FirstSample,
        SampleCount = SampleCount,
        FirstHistogram = series.FirstHistogram + FirstHistogram,
        HistogramCount = HistogramCount,
        FirstExemplar = series.FirstExemplar + FirstExemplar,
        ExemplarCount = ExemplarCount,
    };

    private bool IsEmpty => SampleCount + HistogramCount + ExemplarCount == 0;

    private SeriesSlice Next() => new(FirstSample + SampleCount, 0, FirstHistogram + HistogramCount, 0, FirstExemplar + ExemplarCount, 0);
}
