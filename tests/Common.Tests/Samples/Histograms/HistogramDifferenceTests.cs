using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Xunit;

namespace Deucalion.Common.Tests.Samples.Histograms;

/// <summary>Differences and sums of layouts that fit, against buckets kept in a dictionary.</summary>
public sealed class HistogramDifferenceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void EqualsBucketByBucket_WhenTheFirstHasNoOtherBuckets(int seed)
    {
        var random = new Random(seed);
        var (fitting, misfits) = (0, 0);
        for (var round = 0; round < 5000; round++)
        {
            var last = Buckets(random, 12);
            var first = random.Next(4) == 0 ? Buckets(random, 12) : Subset(random, last);
            var difference = HistogramDifference.Of(Histogram(random, last), Histogram(random, first));
            if (first.Keys.Any(index => !last.ContainsKey(index)))
            {
                misfits++;
                Assert.Null(difference);
                continue;
            }

            fitting++;
            var expected = last.Select(b => (b.Key, Value: b.Value - first.GetValueOrDefault(b.Key))).Where(static b => b.Value != 0);
            Assert.NotNull(difference);
            Assert.Equal(expected, Read(difference));
            Assert.Equal(last.Values.Sum() - first.Values.Sum(), difference.Count);
            AssertNormal(difference.PositiveSpans);
        }

        Assert.True(fitting > 1000 && misfits > 100);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void SumEqualsBucketByBucket_WhateverTheLayouts(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var sum = new HistogramSum();
            var expected = Buckets(random, 12);
            sum.Start(Histogram(random, expected));
            for (var i = 0; i < 6; i++)
            {
                var next = random.Next(2) == 0 ? Buckets(random, 12) : Subset(random, expected);
                sum.Add(Histogram(random, next));
                foreach (var (index, count) in next)
                {
                    expected[index] = expected.GetValueOrDefault(index) + count;
                }
            }

            Assert.Equal(expected.Select(static b => (b.Key, b.Value)).Where(static b => b.Value != 0), Read(sum.ToHistogram()));
            Assert.Equal(expected.Values.Sum(), sum.Count);
        }
    }

    [Fact]
    public void IsLeftToTheGeneralForm_WhenBucketsLieInTheZeroBucket()
    {
        var histogram = new FloatHistogram { ZeroThreshold = 4, PositiveSpans = [new HistogramSpan(1, 1)], PositiveBuckets = [1], Count = 1 };
        Assert.Null(HistogramDifference.Of(histogram, histogram));
    }

    private static SortedDictionary<int, double> Buckets(Random random, int most)
    {
        var buckets = new SortedDictionary<int, double>();
        for (var i = random.Next(most); i > 0; i--)
        {
            buckets[random.Next(-10, 15)] = random.Next(4);
        }

        return buckets;
    }

    private static SortedDictionary<int, double> Subset(Random random, SortedDictionary<int, double> of) =>
        new(of.Where(_ => random.Next(4) > 0).ToDictionary(static b => b.Key, b => Math.Floor(b.Value * random.NextDouble())));

    // Now and then with a span for each bucket and empty spans between, which decoders let pass.
    private static FloatHistogram Histogram(Random random, SortedDictionary<int, double> buckets)
    {
        var spans = new List<HistogramSpan>();
        var end = 0;
        var odd = random.Next(3) == 0;
        foreach (var index in buckets.Keys)
        {
            if (odd && random.Next(3) == 0)
            {
                spans.Add(new HistogramSpan(index - end, 0));
                end = index;
            }

            if (spans.Count > 0 && index == end && !odd)
            {
                spans[^1] = spans[^1] with { Length = spans[^1].Length + 1 };
            }
            else
            {
                spans.Add(new HistogramSpan(index - end, 1));
            }

            end = index + 1;
        }

        return new FloatHistogram
        {
            Schema = 2,
            ZeroThreshold = 1e-6,
            Count = buckets.Values.Sum(),
            PositiveSpans = [.. spans],
            PositiveBuckets = [.. buckets.Values],
        };
    }

    private static IEnumerable<(int Index, double Count)> Read(FloatHistogram histogram)
    {
        var (index, at) = (0, 0);
        foreach (var span in histogram.PositiveSpans)
        {
            index += span.Offset;
            for (var i = 0; i < span.Length; i++)
            {
                yield return (index++, histogram.PositiveBuckets[at++]);
            }
        }
    }

    private static void AssertNormal(HistogramSpan[] spans)
    {
        for (var i = 0; i < spans.Length; i++)
        {
            Assert.True(spans[i].Length > 0 && (i == 0 || spans[i].Offset > 0));
        }
    }
}
