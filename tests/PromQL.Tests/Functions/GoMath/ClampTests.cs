using Deucalion.PromQL.Functions.Elementwise;
using Xunit;

namespace Deucalion.PromQL.Tests.Functions.GoMath;

/// <summary>Clamping where infinities, zeros of either sign and NaN meet; the answers are those of Prometheus 3.5.3.</summary>
public sealed class ClampTests
{
    [Theory]
    [InlineData(double.NaN, double.PositiveInfinity, double.PositiveInfinity)]
    [InlineData(double.PositiveInfinity, double.NaN, double.PositiveInfinity)]
    [InlineData(double.NaN, 1, double.NaN)]
    [InlineData(-0.0, 0.0, 0.0)]
    public void ClampMinKeepsTheReferenceAnswer_ForSpecialValues(double value, double bound, double expected) =>
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(ClampMin.Apply(value, bound)));

    [Theory]
    [InlineData(double.NaN, double.NegativeInfinity, double.NegativeInfinity)]
    [InlineData(double.NegativeInfinity, double.NaN, double.NegativeInfinity)]
    [InlineData(0.0, -0.0, -0.0)]
    public void ClampMaxKeepsTheReferenceAnswer_ForSpecialValues(double value, double bound, double expected) =>
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(ClampMax.Apply(value, bound)));

    [Theory]
    [InlineData(double.PositiveInfinity, double.NaN, 5, double.NaN)]
    [InlineData(double.NegativeInfinity, 5, double.NaN, 5)]
    [InlineData(3, double.PositiveInfinity, double.NaN, double.PositiveInfinity)]
    [InlineData(3, double.NaN, double.NegativeInfinity, double.NaN)]
    [InlineData(double.NaN, double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity)]
    public void UpperBoundCountsBeforeLowerBound_ForSpecialValues(double value, double min, double max, double expected) =>
        Assert.Equal(expected, ClampMin.Apply(ClampMax.Apply(value, max), min));
}
