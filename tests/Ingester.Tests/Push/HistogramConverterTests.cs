using Deucalion.Common.Protobuf;
using Deucalion.Common.Samples;
using Deucalion.Ingester.Push;
using Xunit;

namespace Deucalion.Ingester.Tests.Push;

/// <summary>What histograms are taken and what is said of the others: the rules of Prometheus.</summary>
public sealed class HistogramConverterTests
{
    private const int MaxBuckets = 20;

    public static TheoryData<string, bool, string?> Cases()
    {
        var data = new TheoryData<string, bool, string?>();
        foreach (var (name, _, integer, problem) in All)
        {
            data.Add(name, integer, problem);
        }

        return data;
    }

    private static readonly (string Name, FloatHistogram Histogram, bool Integer, string? Problem)[] All =
    [
        ("empty", new FloatHistogram(), true, null),
        ("stale", new FloatHistogram { Sum = SpecialValues.StaleNaN }, true, null),
        ("both sides", Exponential([new(-3, 2), new(4, 1)], [5, 0, 2], [new(1, 1)], [3], zero: 4, count: 14), true, null),
        ("both sides", Exponential([new(-3, 2), new(4, 1)], [5.5, 0, 2], [new(1, 1)], [3], zero: 4, count: 14.5), false, null),
        ("an empty span", Exponential([new(0, 1), new(3, 0), new(2, 1)], [1, 2], [], [], 0, 3), true, null),
        ("count not of the buckets", Exponential([new(0, 1)], [1], [], [], 1, 3), true, "2 observations are in buckets, but the count is 3"),
        ("count not of the buckets", Exponential([new(0, 1)], [1], [], [], 1, 3), false, null),
        ("observed NaN", Exponential([new(0, 1)], [1], [], [], 1, 3, sum: double.NaN), true, null),
        ("observed NaN, too few", Exponential([new(0, 1)], [1], [], [], 1, 1, sum: double.NaN), true, "2 observations are in buckets, but the count is 1"),
        ("negative bucket", Exponential([new(0, 2)], [1, -1], [], [], 0, 0), true, "positive side: bucket number 2 has the count -1"),
        ("negative bucket", Exponential([], [], [new(0, 1)], [-0.5], 0, 0), false, "negative side: bucket number 1 has the count -0.5"),
        ("negative zero bucket", Exponential([], [], [], [], -1, 0), false, "the zero bucket has the count -1"),
        ("negative count", Exponential([], [], [], [], 0, -1), false, "the count is -1"),
        ("too few buckets", Exponential([new(0, 2)], [1], [], [], 0, 1), true, "positive side: spans need 2 buckets, have 1"),
        ("too many buckets", Exponential([], [], [new(0, 1)], [1, 1], 0, 2), false, "negative side: spans need 1 buckets, have 2"),
        ("huge span", Exponential([new(0, uint.MaxValue), new(0, uint.MaxValue)], [], [], [], 0, 0), true, "positive side: spans need 8589934590 buckets, have 0"),
        ("spans run back", Exponential([new(5, 1), new(-1, 1)], [1, 1], [], [], 0, 2), true, "positive side: span number 2 has the negative offset -1"),
        ("beyond any bucket", Exponential([new(int.MaxValue, 0), new(1, 0)], [], [], [], 0, 0), true, "positive side: spans reach beyond any bucket"),
        ("exponential with bounds", With(new FloatHistogram(), [1]), true, "histogram with an exponential schema has custom bounds"),
        ("schema -5", new FloatHistogram { Schema = -5 }, true, "schema -5 is unknown: it must be between -4 and 8, or -53 for custom buckets"),
        ("schema 53", new FloatHistogram { Schema = 53 }, false, "schema 53 is unknown: it must be between -4 and 8, or -53 for custom buckets"),
        ("schema -4", new FloatHistogram { Schema = -4 }, true, null),
        ("custom", Custom([new(0, 1), new(1, 1)], [3, 4], [0.5, 2]), true, null),
        ("custom", Custom([new(0, 1), new(1, 1)], [3, 4], [0.5, 2]), false, null),
        ("custom beyond its bounds", Custom([new(0, 1), new(2, 1)], [3, 4], [0.5, 2]), true, "custom side: 2 bounds do not cover spans of length 4"),
        ("custom from below", Custom([new(-1, 1)], [3], [0.5, 2]), true, "custom side: span number 1 has the negative offset -1"),
        ("custom not ascending", Custom([new(0, 1)], [3], [2, 2]), true, "custom bounds do not ascend: 2 follows 2"),
        ("custom to infinity", Custom([new(0, 1)], [3], [2, double.PositiveInfinity]), true, "the last bound, +Inf, must not be given"),
        ("custom NaN", Custom([new(0, 1)], [3], [double.NaN]), true, "a custom bound is NaN"),
        ("custom with zero bucket", Zero(Custom([new(0, 1)], [3], [1]), 1, 0), false, "custom buckets have no zero bucket, but the zero count is not 0"),
        ("custom with threshold", Zero(Custom([new(0, 1)], [3], [1]), 0, 0.1), true, "custom buckets have no zero bucket, but the zero threshold is not 0"),
        ("custom with negative side", Negative(Custom([new(0, 1)], [3], [1])), true, "custom buckets have no negative side"),
        ("more buckets than the limit", Exponential([new(0, MaxBuckets + 1)], new double[MaxBuckets + 1], [], [], 0, 0), true, TooMany),
        ("more buckets than the limit on both sides", Exponential([new(0, MaxBuckets)], new double[MaxBuckets], [new(0, 1)], [0], 0, 0), false, TooMany),
        ("more spans than the limit", Exponential([.. Enumerable.Repeat(new HistogramSpan(1, 0), MaxBuckets + 1)], [], [], [], 0, 0), true, TooMany),
        ("more bounds than the limit", Custom([], [], [.. Enumerable.Range(0, MaxBuckets + 1).Select(static i => (double)i)]), true, TooMany),
        ("as many buckets as the limit", Exponential([new(0, MaxBuckets)], new double[MaxBuckets], [], [], 0, 0), true, null),
    ];

    private const string TooMany = "histogram has more than 20 buckets, spans or bounds";

    [Theory]
    [MemberData(nameof(Cases))]
    public void TakesWhatPrometheusTakes_AndNamesTheProblemOfTheRest(string name, bool integer, string? expected)
    {
        var histogram = All.Single(c => c.Name == name && c.Integer == integer).Histogram;
        histogram.CounterResetHint = CounterResetHint.Gauge;
        var found = Convert(histogram, integer, out var reason, out var problem);
        Assert.Equal(expected ?? string.Empty, problem);
        if (expected is not null)
        {
            Assert.Null(found);
            Assert.Equal(expected == TooMany ? RejectReason.HistogramTooLarge : RejectReason.InvalidHistogram, reason);
            return;
        }

        Assert.NotNull(found);
        Assert.Equal(integer, found.IsInteger);
        AssertSame(histogram, found);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ReducesTheResolution_AboveSchema8(bool integer)
    {
        // Bucket i of schema 10 goes into bucket ceil(i / 4) of schema 8.
        var sent = Exponential([new(-7, 6), new(3, 3)], [1, 2, 3, 4, 5, 6, 7, 8, 9], [new(5, 2)], [10, 11], 1, 67);
        sent.Schema = 10;
        var found = Convert(sent, integer, out _, out _);
        Assert.NotNull(found);
        Assert.Equal((8, integer), (found.Schema, found.IsInteger));
        Assert.Equal([new HistogramSpan(-1, 3)], found.PositiveSpans);
        Assert.Equal([1 + 2 + 3 + 4, 5 + 6, 7 + 8 + 9], found.PositiveBuckets);
        Assert.Equal([new HistogramSpan(2, 1)], found.NegativeSpans);
        Assert.Equal([21], found.NegativeBuckets);
        Assert.Equal((67, 1), (found.Count, found.ZeroCount));
    }

    [Fact]
    public void TakesTheLastForm_WhereBothAreSent()
    {
        // count_int 7, then count_float 1; zero_count_float 3, then zero_count_int 0; hint out of range.
        byte[] bytes = [0x08, 7, 0x11, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x39, 0, 0, 0, 0, 0, 0, 8, 0x40, 0x30, 0, 0x70, 9];
        var message = new Ingester.Push.HistogramMessage(MaxBuckets);
        var reader = new ProtobufReader(bytes);
        Assert.True(message.TryRead(ref reader, bytes.Length));
        var found = new HistogramConverter().Convert(message, out _, out _);
        Assert.NotNull(found);
        Assert.False(found.IsInteger);
        Assert.Equal((1, 0, CounterResetHint.Unknown), (found.Count, found.ZeroCount, found.CounterResetHint));
    }

    private static FloatHistogram? Convert(FloatHistogram histogram, bool integer, out RejectReason reason, out string problem)
    {
        var field = new List<byte>();
        Testing.RemoteWrite.HistogramMessage.Append(field, 1, histogram, integer);
        var reader = new ProtobufReader(field.ToArray());
        Assert.True(reader.TryReadTag(field.Count, out _, out _));
        Assert.True(reader.TryReadLength(field.Count, out _));
        var message = new Ingester.Push.HistogramMessage(MaxBuckets);
        Assert.True(message.TryRead(ref reader, field.Count));
        return new HistogramConverter().Convert(message, out reason, out problem);
    }

    private static void AssertSame(FloatHistogram expected, FloatHistogram actual)
    {
        Assert.Equal(expected.CounterResetHint, actual.CounterResetHint);
        Assert.Equal(expected.Schema, actual.Schema);
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected.Sum), BitConverter.DoubleToInt64Bits(actual.Sum));
        Assert.Equal((expected.Count, expected.ZeroCount, expected.ZeroThreshold), (actual.Count, actual.ZeroCount, actual.ZeroThreshold));
        Assert.Equal(expected.PositiveSpans, actual.PositiveSpans);
        Assert.Equal(expected.PositiveBuckets, actual.PositiveBuckets);
        Assert.Equal(expected.NegativeSpans, actual.NegativeSpans);
        Assert.Equal(expected.NegativeBuckets, actual.NegativeBuckets);
        Assert.Equal(expected.CustomValues, actual.CustomValues);
    }

    private static FloatHistogram Exponential(
        HistogramSpan[] positive, double[] positiveCounts, HistogramSpan[] negative, double[] negativeCounts, double zero, double count, double sum = 1.5) => new()
        {
            Schema = 3,
            ZeroThreshold = 1e-9,
            ZeroCount = zero,
            Count = count,
            Sum = sum,
            PositiveSpans = positive,
            PositiveBuckets = positiveCounts,
            NegativeSpans = negative,
            NegativeBuckets = negativeCounts,
        };

    private static FloatHistogram Custom(HistogramSpan[] spans, double[] counts, double[] bounds) => new()
    {
        Schema = FloatHistogram.CustomBucketsSchema,
        Count = counts.Sum(),
        PositiveSpans = spans,
        PositiveBuckets = counts,
        CustomValues = bounds,
    };

    private static FloatHistogram With(FloatHistogram histogram, double[] bounds)
    {
        histogram.CustomValues = bounds;
        return histogram;
    }

    private static FloatHistogram Zero(FloatHistogram histogram, double count, double threshold)
    {
        (histogram.ZeroCount, histogram.ZeroThreshold) = (count, threshold);
        return histogram;
    }

    private static FloatHistogram Negative(FloatHistogram histogram)
    {
        histogram.NegativeSpans = [new HistogramSpan(0, 0)];
        return histogram;
    }
}
