using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Merge;

namespace Deucalion.Interop.Kit;

/// <summary>Block directories written with the product's own writer.</summary>
public static class LocalBlocks
{
    public const long TwoHours = 7_200_000;

    /// <summary>Writes a data set as one block for each two hours; returns the directories in order of time.</summary>
    public static IReadOnlyList<string> Write(string directory, IReadOnlyList<SampleSeries> series)
    {
        var disk = new LinuxDisk();
        disk.CreateDirectory(directory);
        var times = series.SelectMany(static s => s.Floats.Select(static f => f.Time).Concat(s.Histograms.Select(static h => h.Time)));
        var written = new List<string>();
        foreach (var window in times.Select(static t => t / TwoHours * TwoHours).Distinct().Order().ToList())
        {
            var options = new BlockWriteOptions { Ulid = Ulid.Create(TimeProvider.System.GetUtcNow()) };
            var meta = BlockWriter.Write(disk, directory, Source(series, window), options, CancellationToken.None)!;
            written.Add(Path.Combine(directory, meta.Ulid));
        }

        return written;
    }

    private static BlockBuilder Source(IReadOnlyList<SampleSeries> series, long window)
    {
        var builder = new BlockBuilder();
        var encoder = new SeriesEncoder();
        foreach (var one in series)
        {
            var samples = new SampleBuffer();
            foreach (var (time, value) in one.Floats.Where(f => f.Time / TwoHours * TwoHours == window))
            {
                samples.Add(time, value);
            }

            foreach (var (time, value) in one.Histograms.Where(h => h.Time / TwoHours * TwoHours == window))
            {
                samples.Add(new HistogramSample(time, 0, value));
            }

            encoder.Encode(samples);
            builder.BeginSeries(Labels.Of([.. one.Labels]));
            for (var i = 0; i < encoder.Count; i++)
            {
                var chunk = encoder.ChunkAt(i);
                builder.AddChunk(chunk.Encoding, chunk.MinTime, chunk.MaxTime, chunk.Data);
            }
        }

        return builder;
    }
}
