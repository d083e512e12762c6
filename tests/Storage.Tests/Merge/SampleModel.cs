using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Merge;
using Deucalion.Storage.Tombstones;
using Xunit;

namespace Deucalion.Storage.Tests.Merge;

/// <summary>Samples as a plain table by series and time: what any number of blocks hold together.</summary>
internal sealed class SampleModel
{
    private readonly SortedDictionary<Labels, SortedDictionary<long, (double? Value, long Start, HistogramSample? Histogram)>> _series = [];

    /// <summary>Number of samples.</summary>
    public int Count => _series.Values.Sum(static x => x.Count);

    /// <summary>The samples of blocks.</summary>
    public static async Task<SampleModel> OfAsync(IEnumerable<string> paths)
    {
        var model = new SampleModel();
        foreach (var path in paths)
        {
            using var block = await BlockReader.OpenDirectoryAsync(path, CancellationToken.None);
            using var selection = await block.SelectAsync([], long.MinValue, long.MaxValue, CancellationToken.None);
            for (var series = 0; series < selection.Count; series++)
            {
                for (var i = 0; i < selection.ChunksAt(series).Length; i++)
                {
                    var samples = new SampleBuffer();
                    var bytes = selection.Chunk(selection.FirstChunkAt(series) + i, out var encoding);
                    ChunkDecoder.Decode(encoding, bytes, long.MinValue, long.MaxValue, samples);
                    model.Add(selection.LabelsAt(series), samples, selection.DeletedAt(series).ToArray());
                }
            }
        }

        foreach (var (labels, samples) in model._series.Where(static x => x.Value.Count == 0).ToList())
        {
            model._series.Remove(labels);
        }

        return model;
    }

    /// <summary>Both are the same, bit for bit; hints do not count.</summary>
    public static void Equal(SampleModel expected, SampleModel actual)
    {
        Assert.Equal(expected._series.Keys, actual._series.Keys);
        foreach (var (labels, samples) in expected._series)
        {
            var others = actual._series[labels];
            Assert.Equal(samples.Keys, others.Keys);
            foreach (var (time, sample) in samples)
            {
                var other = others[time];
                Assert.Equal(sample.Value is { } a ? BitConverter.DoubleToInt64Bits(a) : null, other.Value is { } b ? BitConverter.DoubleToInt64Bits(b) : (long?)null);
                Assert.Equal(sample.Start, other.Start);
                if (sample.Histogram is { } histogram)
                {
                    Assert.True(other.Histogram is { } found && Text(found.Histogram) == Text(histogram.Histogram), $"{labels} at {time}: {Text(histogram.Histogram)} became {(other.Histogram is { } became ? Text(became.Histogram) : other.Value)}");
                }
            }
        }
    }

    // A chunk has one layout for all its histograms, so buckets without counts come and go; a stale marker takes the kind of its chunk.
    private static string Text(FloatHistogram x) => SpecialValues.IsStaleNaN(x.Sum)
        ? "stale"
        : $"{x.IsInteger} {x.Schema} {x.Count:R} {BitConverter.DoubleToInt64Bits(x.Sum):x} {x.ZeroThreshold:R} {x.ZeroCount:R} {Text(x.PositiveSpans, x.PositiveBuckets)} {Text(x.NegativeSpans, x.NegativeBuckets)}";

    private static string Text(HistogramSpan[] spans, double[] counts)
    {
        var (index, at, text) = (0, 0, new List<string>());
        foreach (var span in spans)
        {
            index += span.Offset;
            for (var left = span.Length; left > 0; left--, index++, at++)
            {
                if (counts[at] != 0)
                {
                    text.Add($"{index}:{counts[at]:R}");
                }
            }
        }

        return string.Join(',', text);
    }

    private void Add(Labels labels, SampleBuffer samples, TimeInterval[] deleted)
    {
        if (!_series.TryGetValue(labels, out var table))
        {
            _series[labels] = table = [];
        }

        for (var i = 0; i < samples.Count; i++)
        {
            Put(samples.Times[i], samples.Values[i], samples.StartTimes.IsEmpty ? 0 : samples.StartTimes[i], null);
        }

        foreach (var histogram in samples.Histograms)
        {
            Put(histogram.Time, null, histogram.StartTime, histogram);
        }

        void Put(long time, double? value, long start, HistogramSample? histogram)
        {
            if (!deleted.Any(x => x.Contains(time)))
            {
                table[time] = table.TryGetValue(time, out var other) ? Pick(other, (value, start, histogram)) : (value, start, histogram);
            }
        }
    }

    private static (double?, long, HistogramSample?) Pick((double? Value, long Start, HistogramSample? Histogram) a, (double? Value, long Start, HistogramSample? Histogram) b) => (a, b) switch
    {
        ({ Value: { } x }, { Value: { } y }) => (SampleConflict.Pick(x, y), Math.Max(a.Start, b.Start), null),
        ({ Histogram: { } x }, { Histogram: { } y }) => (null, a.Start, SampleConflict.Pick(x, y)),
        ({ Histogram: { } x }, { Value: { } y }) => SampleConflict.HistogramWins(x, y) ? a : b,
        ({ Value: { } x }, { Histogram: { } y }) => SampleConflict.HistogramWins(y, x) ? b : a,
        _ => throw new InvalidOperationException("a sample is a float or a histogram"),
    };
}
