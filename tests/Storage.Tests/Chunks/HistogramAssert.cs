using Deucalion.Common.Samples;
using Xunit;

namespace Deucalion.Storage.Tests.Chunks;

/// <summary>Equality of histograms, bit for bit.</summary>
internal static class HistogramAssert
{
    public static void Equal(FloatHistogram expected, FloatHistogram actual)
    {
        Assert.Equal(expected.CounterResetHint, actual.CounterResetHint);
        EqualValues(expected, actual);
    }

    public static void EqualValues(FloatHistogram expected, FloatHistogram actual)
    {
        Assert.Equal(expected.Schema, actual.Schema);
        Assert.Equal(
            Bits([expected.ZeroThreshold, expected.Sum, expected.Count, expected.ZeroCount]),
            Bits([actual.ZeroThreshold, actual.Sum, actual.Count, actual.ZeroCount]));
        Assert.Equal(expected.PositiveSpans, actual.PositiveSpans);
        Assert.Equal(expected.NegativeSpans, actual.NegativeSpans);
        Assert.Equal(Bits(expected.PositiveBuckets), Bits(actual.PositiveBuckets));
        Assert.Equal(Bits(expected.NegativeBuckets), Bits(actual.NegativeBuckets));
        Assert.Equal(Bits(expected.CustomValues), Bits(actual.CustomValues));
    }

    private static long[] Bits(double[] values) => Array.ConvertAll(values, BitConverter.DoubleToInt64Bits);
}
