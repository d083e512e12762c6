using Deucalion.Common.Contracts;
using Deucalion.Ingester.Partitions;

namespace Deucalion.Ingester.Remote;

/// <summary>Series of a request, by their place in it, that go to another node in one call, and whether metadata goes along.</summary>
internal readonly record struct AppendPart(int First, int Count, bool WithMetadata)
{
    /// <summary>
    /// Bytes of the series of one call at most, and of the metadata that goes along: a quarter of the largest message. A single sample may take more, and a
    /// family. Far smaller requests get there: by small samples of one series, or long texts that are repeated by reference.
    /// </summary>
    public const long MaxBytes = 16 << 20;

    /// <summary>What of the only series goes; null: all of each.</summary>
    public SeriesSlice? Slice { get; init; }

    /// <summary>Which families of the batch go, where metadata does; null: all.</summary>
    public (int First, int Count)? Families { get; init; }

    /// <summary>The parts of a request: mostly one.</summary>
    public static List<AppendPart> Of(AppendRequest request, long maxBytes = MaxBytes)
    {
        var batch = request.Batch;
        var series = request.Series.Span;
        var parts = new List<AppendPart>(1);
        var first = 0;
        var bytes = 0L;
        for (var i = 0; i < series.Length; i++)
        {
            var entry = batch.Series[series[i]];
            var size = AppendSizes.Of(batch, entry);
            if (bytes + size > maxBytes && i > first)
            {
                parts.Add(new AppendPart(first, i - first, false));
                (first, bytes) = (i, 0);
            }

            bytes += size;
            if (bytes > maxBytes)
            {
                foreach (var slice in SeriesSlice.Of(batch, entry, maxBytes))
                {
                    parts.Add(new AppendPart(i, 1, false) { Slice = slice });
                }

                (first, bytes) = (i + 1, 0);
            }
        }

        var families = request.WithMetadata ? FamiliesOf(batch.Metadata, maxBytes) : [];
        if (first < series.Length || families.Count == 1 || parts.Count + families.Count == 0)
        {
            parts.Add(new AppendPart(first, series.Length - first, families.Count == 1));
        }

        if (families.Count > 1)
        {
            parts.AddRange(families.Select(static range => new AppendPart(0, 0, true) { Families = range }));
        }

        return parts;
    }

    /// <summary>A series as it goes.</summary>
    public WriteSeries Cut(in WriteSeries series) => Slice?.Cut(series) ?? series;

    /// <summary>Families in ranges of no more bytes, single ones excepted: mostly all in one.</summary>
    private static List<(int First, int Count)> FamiliesOf(ReadOnlySpan<WriteMetadata> families, long maxBytes)
    {
        var ranges = new List<(int First, int Count)>(1);
        var first = 0;
        var bytes = 0L;
        for (var i = 0; i < families.Length; i++)
        {
            var size = AppendSizes.Of(families[i]);
            if (bytes + size > maxBytes && i > first)
            {
                ranges.Add((first, i - first));
                (first, bytes) = (i, 0);
            }

            bytes += size;
        }

        ranges.Add((first, families.Length - first));
        return ranges;
    }
}
