using System.Globalization;
using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;

namespace Deucalion.Storage.Tools;

/// <summary>Prints how full the chunks of a selection are, as promtool's <c>tsdb analyze --extended</c> does.</summary>
internal sealed class ChunkAnalysis(TextWriter output)
{
    private readonly List<long> _floatSamples = [];
    private readonly List<long> _floatBytes = [];
    private readonly List<long> _histogramSamples = [];
    private readonly List<long> _histogramBytes = [];
    private readonly List<long> _histogramBuckets = [];
    private readonly SampleBuffer _samples = new();

    public void Write(BlockSelection selection, CancellationToken cancellationToken)
    {
        for (var handle = 0; handle < selection.ChunkCount; handle++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var chunk = selection.Chunk(handle, out var encoding);
            var count = ChunkEncoding.SampleCount(encoding, chunk);
            if (!ChunkEncoding.IsHistogram(encoding))
            {
                _floatSamples.Add(count);
                _floatBytes.Add(chunk.Length);
                continue;
            }

            _histogramSamples.Add(count);
            _histogramBytes.Add(chunk.Length);
            _samples.Clear();
            ChunkDecoder.Decode(encoding, chunk, long.MinValue, long.MaxValue, _samples);
            var buckets = 0L;
            foreach (ref readonly var sample in _samples.Histograms)
            {
                buckets += sample.Histogram.PositiveBuckets.Length + sample.Histogram.NegativeBuckets.Length;
            }

            _histogramBuckets.Add(buckets);
        }

        output.Write("\nCompaction analysis:\n\n");
        Distribution("samples per float chunk", _floatSamples, selection.ChunkCount);
        Distribution("bytes per float chunk", _floatBytes, selection.ChunkCount);
        Distribution("samples per histogram chunk", _histogramSamples, selection.ChunkCount);
        Distribution("bytes per histogram chunk", _histogramBytes, selection.ChunkCount);
        Distribution("buckets per histogram chunk", _histogramBuckets, selection.ChunkCount);
    }

    private void Distribution(string what, List<long> data, int total)
    {
        if (data.Count == 0)
        {
            output.Write($"{what}: N/A\n\n");
            return;
        }

        var (min, max) = (data.Min(), data.Max());
        var step = 10L;
        while (step < (max - min) / 10 && step <= 10_000)
        {
            step *= 10;
        }

        var start = min - (min % step);
        var end = max - (max % step) + step;
        var buckets = new int[((end - start) / step) + 1];
        data.ForEach(d => buckets[(d - start) / step]++);
        output.Write(string.Create(CultureInfo.InvariantCulture, $"{what} (min/avg/max): {min}/{data.Sum() / data.Count}/{max}\n"));
        var (left, right, counts) = (Text(end).Length, Text(end + step).Length, Text(buckets.Max()).Length);
        for (var i = 0; i < buckets.Length; i++)
        {
            var from = Text((i * step) + start + 1).PadLeft(left);
            var to = Text(((i + 1) * step) + start).PadLeft(right);
            output.Write($"[{from}, {to}]: {Text(buckets[i]).PadLeft(counts)} {new string('#', 100 * buckets[i] / total)}\n");
        }

        output.Write('\n');
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
