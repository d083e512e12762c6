using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Merge;
using Deucalion.Storage.Tests.Chunks;
using Xunit;

namespace Deucalion.Storage.Tests.Merge;

public sealed class SeriesEncoderTests
{
    [Fact]
    public void ReturnsTheSameSamples_WhenFloatsAndHistogramsAlternate()
    {
        var encoder = new SeriesEncoder();
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var samples = Mixed(random);
            encoder.Encode(samples);
            using var batch = new ChunkSeriesBatch();
            batch.BeginSeries(Labels.Empty);
            var end = long.MinValue;
            for (var i = 0; i < encoder.Count; i++)
            {
                var chunk = encoder.ChunkAt(i);
                Assert.True(chunk.MinTime > end && chunk.MaxTime >= chunk.MinTime);
                Assert.True(ChunkEncoding.IsHistogram(chunk.Encoding) || ChunkEncoding.SampleCount(chunk.Encoding, chunk.Data) <= 120);
                end = chunk.MaxTime;
                chunk.Data.CopyTo(batch.AddChunk(chunk.Encoding, chunk.MinTime, chunk.MaxTime, chunk.Data.Length));
            }

            // The same chunks twice are the same samples once.
            var merger = new ChunkMerger();
            var merged = new SampleBuffer();
            merger.Begin();
            new BatchChunkSource(batch).AddTo(merger, 0);
            new BatchChunkSource(batch).AddTo(merger, 0);
            merger.Read(long.MinValue, long.MaxValue, merged);
            Assert.Equal(samples.Times.ToArray(), merged.Times.ToArray());
            Assert.Equal(samples.Values.ToArray(), merged.Values.ToArray());
            Assert.Equal(samples.Histograms.ToArray().Select(h => h.Time), merged.Histograms.ToArray().Select(h => h.Time));
            Assert.Equal(
                samples.Histograms.ToArray().Select(h => h.Histogram.Count), merged.Histograms.ToArray().Select(h => h.Histogram.Count));
        }
    }

    [Fact]
    public void KeepsOneOfBoth_WhenAFloatAndAHistogramHaveTheSameTime()
    {
        using var floats = new ChunkSeriesBatch();
        floats.BeginSeries(Labels.Empty);
        var bytes = XorChunkTests.Encode([(1, 1.0), (2, 2.0), (3, 3.0)]);
        bytes.CopyTo(floats.AddChunk(ChunkEncoding.Xor, 1, 3, bytes.Length));
        var encoder = new SeriesEncoder();
        var samples = new SampleBuffer();
        samples.Add(new HistogramSample(2, 0, new FloatHistogram { Count = 7, Sum = 1 }));
        samples.Add(new HistogramSample(3, 0, new FloatHistogram { Sum = SpecialValues.StaleNaN }));
        samples.Add(new HistogramSample(4, 0, new FloatHistogram { Sum = SpecialValues.StaleNaN }));
        encoder.Encode(samples);
        using var histograms = new ChunkSeriesBatch();
        histograms.BeginSeries(Labels.Empty);
        var chunk = encoder.ChunkAt(0);
        chunk.Data.CopyTo(histograms.AddChunk(chunk.Encoding, chunk.MinTime, chunk.MaxTime, chunk.Data.Length));
        var merger = new ChunkMerger();
        var merged = new SampleBuffer();
        merger.Begin();
        new BatchChunkSource(floats).AddTo(merger, 0);
        new BatchChunkSource(histograms).AddTo(merger, 0);
        merger.Read(0, 10, merged);
        Assert.Equal([1L, 3L], merged.Times.ToArray());
        Assert.Equal([2L, 4L], merged.Histograms.ToArray().Select(h => h.Time));
    }

    private static SampleBuffer Mixed(Random random)
    {
        var samples = new SampleBuffer();
        long time = random.Next(1000);
        var count = 0.0;
        for (var runs = random.Next(1, 6); runs > 0; runs--)
        {
            var histograms = random.Next(2) == 0;
            for (var left = random.Next(1, 300); left > 0; left--)
            {
                time += random.Next(1, 30000);
                count += random.Next(10);
                if (histograms)
                {
                    samples.Add(new HistogramSample(time, 0, new FloatHistogram
                    {
                        Count = count,
                        Sum = random.NextDouble(),
                        PositiveSpans = [new HistogramSpan(0, 1)],
                        PositiveBuckets = [runs % 2 == 0 ? count : count + 0.5],
                    }));
                }
                else
                {
                    samples.Add(time, random.NextDouble());
                }
            }
        }

        return samples;
    }

    [Fact]
    public void KeepsStartTimestampsAndKinds_WhenEncodedAgain()
    {
        var encoder = new SeriesEncoder();
        var random = new Random(4);
        var samples = new SampleBuffer();
        var floats = HistogramRoundTripTests.RandomSamples(random, 200, isFloat: true);
        var time = 0L;
        for (var i = 0; i < 500; i++)
        {
            time += random.Next(1, 1000);
            if (i / 50 % 3 == 2)
            {
                var histogram = floats[i % floats.Count].Histogram;
                samples.Add(new HistogramSample(time, SpecialValues.IsStaleNaN(histogram.Sum) ? 0 : i / 20, histogram));
            }
            else
            {
                samples.Add(time, i, i / 50 % 3 == 0 ? 0 : i / 15 * 10);
            }
        }

        encoder.Encode(samples);
        var decoded = new SampleBuffer();
        for (var i = 0; i < encoder.Count; i++)
        {
            var chunk = encoder.ChunkAt(i);
            Assert.NotEqual(ChunkEncoding.Histogram, chunk.Encoding);
            ChunkDecoder.Decode(chunk.Encoding, chunk.Data, long.MinValue, long.MaxValue, decoded);
        }

        Assert.Equal(samples.Times, decoded.Times);
        Assert.Equal(samples.Values, decoded.Values);
        Assert.Equal(samples.StartTimes, decoded.StartTimes);
        Assert.Equal(samples.Histograms.ToArray().Select(h => (h.Time, h.StartTime)), decoded.Histograms.ToArray().Select(h => (h.Time, h.StartTime)));
        Assert.All(decoded.Histograms.ToArray(), h => Assert.False(h.Histogram.IsInteger));
    }
}
