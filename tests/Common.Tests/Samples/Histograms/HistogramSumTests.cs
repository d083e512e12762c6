using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Xunit;

namespace Deucalion.Common.Tests.Samples.Histograms;

public sealed class HistogramSumTests
{
    private static FloatHistogram Exponential(int schema, int offset, params double[] buckets) => new()
    {
        Schema = schema,
        Count = buckets.Sum(),
        Sum = buckets.Sum(),
        PositiveSpans = [new HistogramSpan(offset, (uint)buckets.Length)],
        PositiveBuckets = buckets,
    };

    private static FloatHistogram Custom(double[] bounds, params double[] buckets) => new()
    {
        Schema = FloatHistogram.CustomBucketsSchema,
        Count = buckets.Sum(),
        CustomValues = bounds,
        PositiveSpans = [new HistogramSpan(0, (uint)buckets.Length)],
        PositiveBuckets = buckets,
    };

    private static FloatHistogram Add(FloatHistogram a, FloatHistogram b, out HistogramSumNotes notes)
    {
        var sum = new HistogramSum();
        sum.Start(a);
        notes = sum.Add(b);
        return sum.ToHistogram();
    }

    [Fact]
    public void ReducesToLowerSchema_WhenSchemasDiffer()
    {
        // Buckets 1…4 of schema 1 are 1, 1, 2, 2 of schema 0.
        var sum = Add(Exponential(1, 1, 1, 2, 3, 4), Exponential(0, 1, 10, 20), out _);
        Assert.Equal(0, sum.Schema);
        Assert.Equal([13, 27], sum.PositiveBuckets);
        Assert.Equal([new HistogramSpan(1, 2)], sum.PositiveSpans);
        Assert.Equal(40, sum.Count);
    }

    [Fact]
    public void WidensZeroBucketToBucketEdge_WhenThresholdCutsBucket()
    {
        // Bucket 1 of schema 0 is (1, 2]: a threshold of 1.5 cuts it, so the zero bucket grows to 2.
        var wide = new FloatHistogram { ZeroThreshold = 1.5, ZeroCount = 5, Count = 5 };
        var sum = Add(Exponential(0, 1, 3, 4), wide, out _);
        Assert.Equal(2, sum.ZeroThreshold);
        Assert.Equal(8, sum.ZeroCount);
        Assert.Equal([4], sum.PositiveBuckets);
        Assert.Equal([new HistogramSpan(2, 1)], sum.PositiveSpans);
    }

    [Fact]
    public void KeepsABucketThatReachesBeyondTheZeroBucket_WhenThresholdsAreEqual()
    {
        // Bucket 1 of schema 0 is (1, 2]: both sides have something in it although their zero buckets reach to 1.5.
        var (a, b) = (Exponential(0, 0, 5, 3, 4), Exponential(0, 0, 7, 30, 40));
        a.ZeroThreshold = b.ZeroThreshold = 1.5;
        (a.ZeroCount, b.ZeroCount) = (2, 20);
        var sum = Add(a, b, out _);
        Assert.Equal((1.5, 22), (sum.ZeroThreshold, sum.ZeroCount));
        Assert.Equal([5, 33, 44], sum.PositiveBuckets);
    }

    [Fact]
    public void KeepsCommonBounds_WhenCustomBoundsDiffer()
    {
        var sum = Add(Custom([1, 2, 3], 1, 2, 3, 4), Custom([1, 3, 5], 10, 20, 30, 40), out var notes);
        Assert.Equal(HistogramSumNotes.ReconciledBounds, notes);
        Assert.Equal([1, 3], sum.CustomValues);
        Assert.Equal([11, 25, 74], sum.PositiveBuckets);
    }

    [Theory]
    [InlineData(CounterResetHint.CounterReset, CounterResetHint.NotCounterReset, CounterResetHint.Unknown, HistogramSumNotes.CounterResetCollision)]
    [InlineData(CounterResetHint.NotCounterReset, CounterResetHint.NotCounterReset, CounterResetHint.NotCounterReset, HistogramSumNotes.None)]
    [InlineData(CounterResetHint.Gauge, CounterResetHint.CounterReset, CounterResetHint.Gauge, HistogramSumNotes.None)]
    [InlineData(CounterResetHint.Unknown, CounterResetHint.CounterReset, CounterResetHint.Unknown, HistogramSumNotes.None)]
    public void JoinsHints(CounterResetHint a, CounterResetHint b, CounterResetHint expected, HistogramSumNotes expectedNotes)
    {
        var sum = Add(Exponential(0, 0, 1).WithHint(a), Exponential(0, 0, 1).WithHint(b), out var notes);
        Assert.Equal(expected, sum.CounterResetHint);
        Assert.Equal(expectedNotes, notes);
    }

    [Fact]
    public void IsExact_WhenTermsCancel()
    {
        var sum = new HistogramSum();
        sum.Start(Exponential(0, 0, 1));
        sum.Add(Exponential(0, 0, 1e100));
        sum.Add(Exponential(0, 0, 1));
        sum.Subtract(Exponential(0, 0, 1e100));
        Assert.Equal([2], sum.ToHistogram().PositiveBuckets);
        Assert.Equal(2, sum.Count);
    }

    [Fact]
    public void DetectsReset_WhenAnythingBecomesLess()
    {
        var before = Exponential(0, 1, 1, 2, 3);
        Assert.False(HistogramComparison.DetectReset(Exponential(0, 1, 1, 2, 3), before));
        Assert.False(HistogramComparison.DetectReset(Exponential(0, 1, 2, 2, 3, 1), before));
        Assert.True(HistogramComparison.DetectReset(Exponential(0, 1, 5, 1, 3), before));
        Assert.True(HistogramComparison.DetectReset(Exponential(0, 2, 2, 9), before));
        Assert.True(HistogramComparison.DetectReset(Exponential(1, 1, 1, 2, 9), before));
        Assert.False(HistogramComparison.DetectReset(Exponential(-1, 1, 3, 3), before));
        Assert.True(HistogramComparison.DetectReset(before.WithHint(CounterResetHint.CounterReset), before));
    }

    [Fact]
    public void BoundsArePowers_WhenSchemaVaries()
    {
        Assert.Equal(1, ExponentialBounds.Upper(0, 0));
        Assert.Equal(8, ExponentialBounds.Upper(0, 3));
        Assert.Equal(0.25, ExponentialBounds.Upper(-1, -1));
        Assert.Equal(Math.Sqrt(2), ExponentialBounds.Upper(1, 1), 1e-15);
        Assert.Equal(double.MaxValue, ExponentialBounds.Upper(0, 1024));
        Assert.Equal(double.PositiveInfinity, ExponentialBounds.Upper(0, 1025));
        Assert.Equal(double.MaxValue, ExponentialBounds.Upper(-4, 64));
    }
}
