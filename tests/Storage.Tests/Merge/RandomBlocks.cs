using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Merge;
using Deucalion.Storage.Tombstones;

namespace Deucalion.Storage.Tests.Merge;

/// <summary>Blocks of series of all kinds whose times meet often, some with deletions; the same for the same seed.</summary>
internal static class RandomBlocks
{
    private const long Step = 500;

    /// <summary>Writes a block into the directory, or returns null where chance gave it no samples.</summary>
    public static async Task<string?> WriteAsync(Random random, string directory, int number)
    {
        var builder = new BlockBuilder();
        var encoder = new SeriesEncoder();
        for (var series = 0; series < 12; series++)
        {
            if (random.Next(3) == 0)
            {
                continue;
            }

            encoder.Encode(Samples(random, series));
            builder.BeginSeries(LabelsOf(series));
            for (var i = 0; i < encoder.Count; i++)
            {
                var chunk = encoder.ChunkAt(i);
                builder.AddChunk(chunk.Encoding, chunk.MinTime, chunk.MaxTime, chunk.Data);
            }
        }

        var options = new BlockWriteOptions { Ulid = Ulid.Create(1000 + number, new byte[10]) };
        if (BlockWriter.Write(new LinuxDisk(), directory, builder, options, CancellationToken.None) is not { } meta)
        {
            return null;
        }

        var path = Path.Combine(directory, meta.Ulid);
        if (random.Next(3) == 0)
        {
            await DeleteAsync(random, path);
        }

        return path;
    }

    private static Labels LabelsOf(int series) => Labels.Of(("__name__", $"metric_{series % 3}"), ("series", $"{series}"), ($"label_{series % 4}", "\u00e4"));

    // The same series has the same kind everywhere, but one, which changes.
    private static SampleBuffer Samples(Random random, int series)
    {
        var samples = new SampleBuffer();
        var kind = series == 11 ? random.Next(5) : series % 5;
        long time = random.Next(100) * Step;
        for (var left = random.Next(1, 300); left > 0; left--)
        {
            time += random.Next(8) == 0 ? random.Next(1, 20) * Step : Step;
            var histogram = kind is 2 or 3 || (kind == 4 && time / Step / 40 % 2 == 0);
            if (histogram)
            {
                samples.Add(new HistogramSample(time, series % 2 == 0 ? 0 : time - 10, Histogram(random, time, series, kind != 3)));
            }
            else if (kind == 1)
            {
                samples.Add(time, random.Next(3), time - random.Next(1, 3));
            }
            else
            {
                samples.Add(time, random.Next(20) == 0 ? SpecialValues.StaleNaN : random.Next(3));
            }
        }

        return samples;
    }

    private static FloatHistogram Histogram(Random random, long time, int series, bool isInteger)
    {
        if (random.Next(40) == 0)
        {
            return new FloatHistogram { IsInteger = isInteger, Sum = SpecialValues.StaleNaN };
        }

        // A counter that grows with time and begins anew now and then; two blocks do not always agree.
        var count = (time / Step % 90) + random.Next(2) + (isInteger ? 0 : 0.5);
        return new FloatHistogram
        {
            IsInteger = isInteger,
            CounterResetHint = series == 7 ? CounterResetHint.Gauge : CounterResetHint.Unknown,
            Schema = 1,
            ZeroThreshold = 0.001,
            ZeroCount = 1,
            Count = 1 + (2 * count),
            Sum = count,
            PositiveSpans = [new(0, 1), new((int)(time / Step / 60 % 3) + 1, 1)],
            PositiveBuckets = [count, count],
        };
    }

    private static async Task DeleteAsync(Random random, string path)
    {
        var deletions = new List<(uint, TimeInterval)>();
        using (var block = await BlockReader.OpenDirectoryAsync(path, CancellationToken.None))
        using (var ids = await block.Index.AllSeriesAsync(CancellationToken.None))
        {
            foreach (var id in ids.Ids)
            {
                if (random.Next(2) == 0)
                {
                    var from = random.Next(200) * Step;
                    deletions.Add((id, new TimeInterval(from, random.Next(5) == 0 ? long.MaxValue : from + random.Next(40_000))));
                }
            }
        }

        await File.WriteAllBytesAsync(Path.Combine(path, BlockFiles.Tombstones), TombstoneSet.From(deletions).ToFile());
    }
}
