using Deucalion.Common.Samples;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Chunks.Histograms;
using Xunit;

namespace Deucalion.Storage.Tests.Chunks;

public sealed class HistogramRoundTripTests
{
    [Theory]
    [InlineData(ChunkEncoding.Histogram)]
    [InlineData(ChunkEncoding.FloatHistogram)]
    public void ReturnsTheSamplesWithTheirBuckets_WhenLayoutsChange(byte encoding)
    {
        var recoded = 0;
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var samples = RandomSamples(random, random.Next(1, 60), encoding == ChunkEncoding.FloatHistogram);
            var buffer = new SampleBuffer();
            foreach (var chunk in Encode(encoding, samples, ref recoded))
            {
                ChunkDecoder.Decode(encoding, chunk, long.MinValue, long.MaxValue, buffer);
            }

            Assert.Equal(samples.Select(s => s.Time), buffer.Histograms.ToArray().Select(h => h.Time));
            for (var i = 0; i < samples.Count; i++)
            {
                var (expected, actual) = (samples[i].Histogram, buffer.Histograms[i].Histogram);
                Assert.Equal(BitConverter.DoubleToInt64Bits(expected.Sum), BitConverter.DoubleToInt64Bits(actual.Sum));
                Assert.Equal((expected.Count, expected.ZeroCount, expected.Schema), (actual.Count, actual.ZeroCount, actual.Schema));
                Assert.Equal(Filled(expected.PositiveSpans, expected.PositiveBuckets), Filled(actual.PositiveSpans, actual.PositiveBuckets));
                Assert.Equal(Filled(expected.NegativeSpans, expected.NegativeBuckets), Filled(actual.NegativeSpans, actual.NegativeBuckets));
            }
        }

        Assert.True(recoded > 100);
    }

    [Theory]
    [InlineData(ChunkEncoding.Histogram)]
    [InlineData(ChunkEncoding.FloatHistogram)]
    [InlineData(ChunkEncoding.Xor2)]
    [InlineData(ChunkEncoding.HistogramWithStart)]
    [InlineData(ChunkEncoding.FloatHistogramWithStart)]
    public void ThrowsTypedErrorOnly_WhenBytesAreDamaged(byte encoding)
    {
        var buffer = new SampleBuffer();
        var (recoded, damaged) = (0, 0);
        for (var seed = 0; seed < 1000; seed++)
        {
            var random = new Random(seed);
            var isFloat = encoding is ChunkEncoding.FloatHistogram or ChunkEncoding.FloatHistogramWithStart;
            var samples = RandomSamples(random, random.Next(1, 30), isFloat);
            var chunk = Encode(isFloat ? ChunkEncoding.FloatHistogram : ChunkEncoding.Histogram, samples, ref recoded)[0];
            for (var i = random.Next(1, 5); i > 0; i--)
            {
                chunk[random.Next(chunk.Length)] = (byte)random.Next(256);
            }

            buffer.Clear();
            try
            {
                ChunkDecoder.Decode(encoding, chunk.AsSpan(0, random.Next(chunk.Length + 1)), long.MinValue, long.MaxValue, buffer);
            }
            catch (CorruptChunkException)
            {
                damaged++;
            }
        }

        Assert.True(damaged > 250);
    }

    [Fact]
    public void IsReducedToTheFinestForQueries_WhenTheSchemaIsFiner()
    {
        var fine = new FloatHistogram
        {
            Schema = 10,
            Count = 15,
            Sum = 3,
            PositiveSpans = [new HistogramSpan(-4, 5), new HistogramSpan(6, 2)],
            PositiveBuckets = [1, 2, 3, 4, 5, 0, 0],
        };
        var writer = new HistogramChunkWriter(ChunkEncoding.Histogram);
        writer.Begin(false);
        writer.Append(1, fine);
        var buffer = new SampleBuffer();
        ChunkDecoder.Decode(ChunkEncoding.Histogram, writer.Chunk, 0, 10, buffer);
        var reduced = buffer.Histograms[0].Histogram;
        Assert.Equal(8, reduced.Schema);

        // Four buckets become one: -4 belongs to -1, -3 … 0 to 0, 7 and 8 to 2.
        Assert.Equal([new HistogramSpan(-1, 2), new HistogramSpan(1, 1)], reduced.PositiveSpans);
        Assert.Equal([1, 14, 0], reduced.PositiveBuckets);
    }

    internal static List<byte[]> Encode(byte encoding, List<HistogramSample> samples, ref int recoded)
    {
        var writer = new HistogramChunkWriter(encoding);
        var chunks = new List<byte[]>();
        writer.Begin(false);
        foreach (var sample in samples)
        {
            var result = writer.Append(sample.Time, sample.Histogram);
            recoded += result == HistogramAppendResult.Recoded ? 1 : 0;
            if (result is HistogramAppendResult.NewChunk or HistogramAppendResult.NewChunkAfterReset)
            {
                chunks.Add(writer.Chunk.ToArray());
                writer.Begin(result == HistogramAppendResult.NewChunkAfterReset);
                Assert.Equal(HistogramAppendResult.Added, writer.Append(sample.Time, sample.Histogram));
            }
        }

        chunks.Add(writer.Chunk.ToArray());
        return chunks;
    }

    internal static List<HistogramSample> RandomSamples(Random random, int count, bool isFloat)
    {
        var samples = new List<HistogramSample>();
        var buckets = new SortedDictionary<int, double>();
        long time = random.Next(-5000, 5000);
        var zero = 0.0;
        var gauge = random.Next(4) == 0;
        for (var i = 0; i < count; i++)
        {
            time += random.Next(1, 20000);
            if (random.Next(20) == 0)
            {
                samples.Add(new HistogramSample(time, 0, new FloatHistogram { Sum = SpecialValues.StaleNaN, IsInteger = !isFloat }));
                continue;
            }

            if (random.Next(15) == 0)
            {
                buckets.Clear();
            }

            for (var more = random.Next(4); more > 0; more--)
            {
                var index = random.Next(-10, 20);
                buckets[index] = buckets.GetValueOrDefault(index) + (isFloat ? random.NextDouble() * 10 : random.Next(1000));
            }

            zero += random.Next(3);
            var (spans, counts) = Spans(buckets);
            samples.Add(new HistogramSample(time, 0, new FloatHistogram
            {
                IsInteger = !isFloat,
                CounterResetHint = gauge ? CounterResetHint.Gauge : CounterResetHint.Unknown,
                Schema = 3,
                ZeroThreshold = 0.001,
                ZeroCount = zero,
                Count = counts.Sum() + zero,
                Sum = random.NextDouble() * 100,
                PositiveSpans = spans,
                PositiveBuckets = counts,
            }));
        }

        return samples;
    }

    private static (HistogramSpan[] Spans, double[] Counts) Spans(SortedDictionary<int, double> buckets)
    {
        var spans = new List<HistogramSpan>();
        int? end = null;
        foreach (var index in buckets.Keys)
        {
            if (index == end)
            {
                spans[^1] = spans[^1] with { Length = spans[^1].Length + 1 };
            }
            else
            {
                spans.Add(new HistogramSpan(index - (end ?? 0), 1));
            }

            end = index + 1;
        }

        return ([.. spans], [.. buckets.Values]);
    }

    private static List<(long Index, double Count)> Filled(HistogramSpan[] spans, double[] buckets)
    {
        var result = new List<(long, double)>();
        var (index, at) = (0L, 0);
        foreach (var span in spans)
        {
            index += span.Offset;
            for (var i = 0U; i < span.Length; i++, index++, at++)
            {
                if (buckets[at] != 0)
                {
                    result.Add((index, buckets[at]));
                }
            }
        }

        return result;
    }
}
