using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Chunks.Histograms;
using Deucalion.Storage.Merge;
using Deucalion.Storage.Tests.Chunks;
using Deucalion.Storage.Tombstones;
using Xunit;

namespace Deucalion.Storage.Tests.Merge;

public sealed class ChunkMergerTests
{
    [Fact]
    public void GivesEachTimeOnce_WhenSourcesOverlapAtRandom()
    {
        var merger = new ChunkMerger();
        var buffer = new SampleBuffer();
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var expected = new SortedDictionary<long, double>();
            var batches = new List<(ChunkSeriesBatch Batch, TimeInterval[] Deleted)>();
            for (var source = random.Next(1, 4); source > 0; source--)
            {
                batches.Add(RandomBatch(random, expected));
            }

            var from = random.Next(3) == 0 ? random.Next(2000) : long.MinValue;
            var to = random.Next(3) == 0 ? random.Next(2000) : long.MaxValue;
            merger.Begin();
            foreach (var (batch, deleted) in batches)
            {
                new BatchChunkSource(batch).AddTo(merger, 0, deleted);
            }

            merger.Read(from, to, buffer);
            var wanted = expected.Where(e => e.Key >= from && e.Key <= to).ToArray();
            Assert.Equal(wanted.Select(e => e.Key), buffer.Times.ToArray());
            Assert.Equal(
                wanted.Select(e => BitConverter.DoubleToInt64Bits(e.Value)),
                buffer.Values.ToArray().Select(BitConverter.DoubleToInt64Bits));
            batches.ForEach(b => b.Batch.Dispose());
        }
    }

    [Fact]
    public void AllocatesNothing_WhenReusedForFloats()
    {
        var expected = new SortedDictionary<long, double>();
        var (first, _) = RandomBatch(new Random(1), expected);
        var (second, _) = RandomBatch(new Random(2), expected);
        var sources = new[] { new BatchChunkSource(first), new BatchChunkSource(second) };
        var merger = new ChunkMerger();
        var buffer = new SampleBuffer();
        void Run()
        {
            merger.Begin();
            sources[0].AddTo(merger, 0);
            sources[1].AddTo(merger, 0);
            merger.Read(long.MinValue, long.MaxValue, buffer);
        }

        Run();
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void PrefersAValueToAStaleMarkerAndThenLargerBits_WhenTimesAreEqual()
    {
        Assert.Equal(1, SampleConflict.Pick(SpecialValues.StaleNaN, 1));
        Assert.Equal(1, SampleConflict.Pick(1, SpecialValues.StaleNaN));
        Assert.Equal(2, SampleConflict.Pick(1, 2));
        Assert.Equal(-1, SampleConflict.Pick(-1, 2));
        Assert.True(SpecialValues.IsStaleNaN(SampleConflict.Pick(SpecialValues.StaleNaN, SpecialValues.StaleNaN)));
    }

    private static (ChunkSeriesBatch Batch, TimeInterval[] Deleted) RandomBatch(Random random, SortedDictionary<long, double> expected)
    {
        var deleted = random.Next(3) == 0
            ? Enumerable.Range(0, random.Next(1, 4)).Select(i => new TimeInterval(i * 500, (i * 500) + random.Next(400))).ToArray()
            : [];
        var batch = new ChunkSeriesBatch();
        batch.BeginSeries(Labels.Of(("a", "b")));
        long time = random.Next(500);
        for (var chunks = random.Next(1, 8); chunks > 0; chunks--)
        {
            var samples = new List<(long Time, double Value)>();
            for (var count = random.Next(1, 40); count > 0; count--)
            {
                var value = random.Next(5) == 0 ? SpecialValues.StaleNaN : random.Next(-5, 5);
                samples.Add((time, value));
                if (!deleted.Any(d => d.Contains(time)))
                {
                    expected[time] = expected.TryGetValue(time, out var other) ? SampleConflict.Pick(other, value) : value;
                }

                time += random.Next(1, 20);
            }

            var bytes = XorChunkTests.Encode(samples.ToArray());
            bytes.CopyTo(batch.AddChunk(ChunkEncoding.Xor, samples[0].Time, samples[^1].Time, bytes.Length));

            // Heads may hold chunks that overlap.
            time = Math.Max(0, time + random.Next(-100, 200));
        }

        return (batch, deleted);
    }

    [Fact]
    public void ForgetsWhatAChunkSaysOfResets_WhereAnotherChunkComesBetween()
    {
        using var batch = new ChunkSeriesBatch();
        batch.BeginSeries(Labels.Empty);
        Add(batch, (10, 5), (20, 6), (30, 7));
        Add(batch, (15, 9), (16, 10));
        var merger = new ChunkMerger();
        var merged = new SampleBuffer();
        merger.Begin();
        new BatchChunkSource(batch).AddTo(merger, 0);
        merger.Read(long.MinValue, long.MaxValue, merged);
        var hints = merged.Histograms.ToArray().Select(h => (h.Time, h.Histogram.CounterResetHint));
        Assert.Equal(
            [
                (10, CounterResetHint.Unknown), (15, CounterResetHint.Unknown), (16, CounterResetHint.NotCounterReset),
                (20, CounterResetHint.Unknown), (30, CounterResetHint.NotCounterReset),
            ],
            hints);
    }

    private static void Add(ChunkSeriesBatch batch, params ReadOnlySpan<(long Time, double Count)> samples)
    {
        var writer = new HistogramChunkWriter(ChunkEncoding.Histogram);
        writer.Begin(false);
        foreach (var (time, count) in samples)
        {
            var histogram = new FloatHistogram { IsInteger = true, Count = count, PositiveSpans = [new HistogramSpan(0, 1)], PositiveBuckets = [count] };
            Assert.Equal(HistogramAppendResult.Added, writer.Append(time, histogram));
        }

        writer.Chunk.CopyTo(batch.AddChunk(ChunkEncoding.Histogram, samples[0].Time, samples[^1].Time, writer.Chunk.Length));
    }
}
