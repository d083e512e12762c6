using System.Globalization;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.Common.Text;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Merge;
using Deucalion.Storage.Tools.Prometheus;

namespace Deucalion.Storage.Tools;

/// <summary>
/// Prints the samples of blocks and of a head, series by series in the order of their labels, a sample a line as promtool's <c>tsdb dump</c> does:
/// <c>{labels} value milliseconds</c>. What several blocks hold of a series is merged. One dump at a time.
/// </summary>
public sealed class SampleDump(TextWriter output)
{
    private readonly ChunkMerger _merger = new();
    private readonly SampleBuffer _samples = new();

    /// <summary>
    /// Prints the samples within [minTime, maxTime] of the series that one of the selectors selects (no selector: all). Damage is
    /// <see cref="CorruptBlockException"/> or <see cref="CorruptChunkException"/>.
    /// </summary>
    public async Task WriteAsync(
        IReadOnlyList<DatabaseBlock> blocks,
        PrometheusHead? head,
        IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors,
        long minTime,
        long maxTime,
        CancellationToken cancellationToken)
    {
        var readers = new List<BlockReader>();
        var selections = new List<BlockSelection>();
        var sources = new List<IDumpSource>();
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

            sources.AddRange(selections.Select(static s => new BlockDump(s)));
            if (head is not null)
            {
                sources.Add(new HeadDump(head, selectors));
            }

            Merge(sources, minTime, maxTime, cancellationToken);
        }
        finally
        {
            selections.ForEach(static s => s.Dispose());
            readers.ForEach(static r => r.Dispose());
        }
    }

    private void Merge(List<IDumpSource> sources, long minTime, long maxTime, CancellationToken cancellationToken)
    {
        var next = new int[sources.Count];
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Labels? labels = null;
            for (var i = 0; i < next.Length; i++)
            {
                if (next[i] < sources[i].Count && (labels is null || sources[i].LabelsAt(next[i]) < labels))
                {
                    labels = sources[i].LabelsAt(next[i]);
                }
            }

            if (labels is null)
            {
                return;
            }

            _merger.Begin();
            for (var i = 0; i < next.Length; i++)
            {
                if (next[i] < sources[i].Count && sources[i].LabelsAt(next[i]) == labels)
                {
                    sources[i].AddTo(_merger, next[i]++);
                }
            }

            _merger.Read(minTime, maxTime, _samples, cancellationToken);
            Print(labels.ToString());
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
                Print(labels, histogram.IsInteger ? HistogramText.OfIntegers(histogram) : HistogramText.Of(histogram), time);
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
}
