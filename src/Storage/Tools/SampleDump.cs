using System.Globalization;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.Common.Text;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Merge;

namespace Deucalion.Storage.Tools;

/// <summary>
/// Prints the samples of blocks, series by series in the order of their labels, a sample a line as promtool's <c>tsdb dump</c> does:
/// <c>{labels} value milliseconds</c>. What several blocks hold of a series is merged. One dump at a time.
/// </summary>
public sealed class SampleDump(TextWriter output)
{
    private readonly ChunkMerger _merger = new();
    private readonly SampleBuffer _samples = new();
    private readonly List<(long MinTime, long MaxTime, byte Encoding)> _histogramChunks = [];

    /// <summary>
    /// Prints the samples within [minTime, maxTime] of the series that one of the selectors selects (no selector: all). Damage is
    /// <see cref="CorruptBlockException"/> or <see cref="CorruptChunkException"/>.
    /// </summary>
    public async Task WriteAsync(
        IReadOnlyList<DatabaseBlock> blocks,
        IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors,
        long minTime,
        long maxTime,
        CancellationToken cancellationToken)
    {
        var readers = new List<BlockReader>();
        var selections = new List<BlockSelection>();
        try
        {
            foreach (var block in blocks)
            {
                if (block.Meta.MaxTime <= minTime || block.Meta.MinTime > maxTime)
                {
                    continue;
                }

                readers.Add(await BlockReader.OpenDirectoryAsync(block.Directory, cancellationToken));
                foreach (var matchers in selectors.DefaultIfEmpty([]))
                {
                    selections.Add(await readers[^1].SelectAsync(matchers, minTime, maxTime, cancellationToken));
                    await selections[^1].LoadAsync(cancellationToken);
                }
            }

            Merge(selections, minTime, maxTime, cancellationToken);
        }
        finally
        {
            selections.ForEach(static s => s.Dispose());
            readers.ForEach(static r => r.Dispose());
        }
    }

    private void Merge(List<BlockSelection> selections, long minTime, long maxTime, CancellationToken cancellationToken)
    {
        var next = new int[selections.Count];
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Labels? labels = null;
            for (var i = 0; i < next.Length; i++)
            {
                if (next[i] < selections[i].Count && (labels is null || selections[i].LabelsAt(next[i]) < labels))
                {
                    labels = selections[i].LabelsAt(next[i]);
                }
            }

            if (labels is null)
            {
                return;
            }

            _merger.Begin();
            _histogramChunks.Clear();
            for (var i = 0; i < next.Length; i++)
            {
                if (next[i] < selections[i].Count && selections[i].LabelsAt(next[i]) == labels)
                {
                    Add(selections[i], next[i]++);
                }
            }

            _merger.Read(minTime, maxTime, _samples, cancellationToken);
            Print(labels.ToString());
        }
    }

    private void Add(BlockSelection selection, int series)
    {
        selection.AddTo(_merger, series);
        var chunks = selection.ChunksAt(series);
        for (var i = 0; i < chunks.Length; i++)
        {
            selection.Chunk(selection.FirstChunkAt(series) + i, out var encoding);
            if (ChunkEncoding.IsHistogram(encoding))
            {
                _histogramChunks.Add((chunks[i].MinTime, chunks[i].MaxTime, encoding));
            }
        }
    }

    private void Print(string labels)
    {
        var times = _samples.Times;
        var values = _samples.Values;
        var histograms = _samples.Histograms;
        var h = 0;
        for (var i = 0; i <= times.Length; i++)
        {
            for (; h < histograms.Length && (i == times.Length || histograms[h].Time < times[i]); h++)
            {
                var (time, _, histogram) = histograms[h];
                Print(labels, IsInteger(time) ? HistogramText.OfIntegers(histogram) : HistogramText.Of(histogram), time);
            }

            if (i < times.Length)
            {
                Print(labels, GoFloat.FormatGeneral(values[i]), times[i]);
            }
        }
    }

    private void Print(string labels, string value, long time)
    {
        output.Write(labels);
        output.Write(' ');
        output.Write(value);
        output.Write(' ');
        output.Write(time.ToString(CultureInfo.InvariantCulture));
        output.Write('\n');
    }

    // Merged samples do not tell how their counts were stored; the chunks that cover the time do.
    private bool IsInteger(long time)
    {
        foreach (var (minTime, maxTime, encoding) in _histogramChunks)
        {
            if (minTime <= time && time <= maxTime && encoding is not (ChunkEncoding.Histogram or ChunkEncoding.HistogramWithStart))
            {
                return false;
            }
        }

        return true;
    }
}
