using Deucalion.Common.Text;
using Xunit;

namespace Deucalion.Common.Tests.Text;

public sealed class GoNumberTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("+1.5", 1.5)]
    [InlineData("-.5e2", -50)]
    [InlineData("5.", 5)]
    [InlineData("08", 8)]
    [InlineData("1_23.50_0_0e+1_2", 1.235e14)]
    [InlineData("0x1p-2", 0.25)]
    [InlineData("0x_1FFFP-16", 0.1249847412109375)]
    [InlineData("0x1.8p1", 3)]
    [InlineData("0x1.fffffffffffff8p0", 2)]
    [InlineData("0x.8p-1074", 0)]
    [InlineData("0x1p-1074", 5e-324)]
    [InlineData("iNf", double.PositiveInfinity)]
    [InlineData("-Infinity", double.NegativeInfinity)]
    [InlineData("nan", double.NaN)]
    [InlineData("1e-400", 0)]
    public void ReadsFloats(string text, double expected)
    {
        Assert.Equal(NumberError.None, GoNumber.ParseFloat(text, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1_")]
    [InlineData("_1")]
    [InlineData("1__0")]
    [InlineData("1e")]
    [InlineData("0x1")]
    [InlineData("0x1p")]
    [InlineData("+nan")]
    [InlineData(" 1")]
    [InlineData("1.2.3")]
    public void RefusesFloats_WhenSyntaxIsWrong(string text) => Assert.Equal(NumberError.Syntax, GoNumber.ParseFloat(text, out _));

    [Theory]
    [InlineData("1e309")]
    [InlineData("0x1p1024")]
    public void ReportsRange_WhenFloatIsTooLarge(string text)
    {
        Assert.Equal(NumberError.Range, GoNumber.ParseFloat(text, out var value));
        Assert.Equal(double.PositiveInfinity, value);
    }

    [Theory]
    [InlineData("10", 10)]
    [InlineData("010", 8)]
    [InlineData("0o17", 15)]
    [InlineData("0b101", 5)]
    [InlineData("0xFf", 255)]
    [InlineData("1_000", 1000)]
    [InlineData("0_7", 7)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void ReadsIntegers(string text, long expected)
    {
        Assert.Equal(NumberError.None, GoNumber.ParseInt(text, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("08", NumberError.Syntax)]
    [InlineData("0x", NumberError.Syntax)]
    [InlineData("1.0", NumberError.Syntax)]
    [InlineData("1__0", NumberError.Syntax)]
    [InlineData("9223372036854775808", NumberError.Range)]
    public void RefusesIntegers(string text, NumberError expected) => Assert.Equal(expected, GoNumber.ParseInt(text, out _));
}
