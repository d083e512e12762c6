using System.Globalization;
using System.Text;
using Deucalion.Common.Text;
using Xunit;

namespace Deucalion.Common.Tests.Text;

public sealed class GoFloatTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(-0.0, "-0")]
    [InlineData(1, "1")]
    [InlineData(100, "100")]
    [InlineData(-1.5, "-1.5")]
    [InlineData(0.1, "0.1")]
    [InlineData(1e-6, "0.000001")]
    [InlineData(9.99e-7, "9.99e-07")]
    [InlineData(1e20, "100000000000000000000")]
    [InlineData(1e21, "1e+21")]
    [InlineData(1.5e300, "1.5e+300")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(123456789.125, "123456789.125")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void FormatsForApi(double value, string expected)
    {
        Assert.Equal(expected, GoFloat.FormatApi(value));
        var buffer = new byte[GoFloat.MaxShortLength];
        Assert.Equal(expected, Encoding.ASCII.GetString(buffer, 0, GoFloat.WriteApi(buffer, value)));
    }

    [Theory]
    [InlineData(1e21, "1000000000000000000000", "1e+21", "1e+21")]
    [InlineData(1e6, "1000000", "1e+06", "1e+06")]
    [InlineData(123456, "123456", "1.23456e+05", "123456")]
    [InlineData(0.0001, "0.0001", "1e-04", "0.0001")]
    [InlineData(0.00001234, "0.00001234", "1.234e-05", "1.234e-05")]
    [InlineData(0, "0", "0e+00", "0")]
    [InlineData(1e-100, "0.0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001", "1e-100", "1e-100")]
    public void FormatsAsGo(double value, string f, string e, string g)
    {
        Assert.Equal(f, GoFloat.FormatFixed(value));
        Assert.Equal(e, GoFloat.FormatExponent(value));
        Assert.Equal(g, GoFloat.FormatGeneral(value));
    }

    [Theory]
    [InlineData(0.123456, 2, "0.12")]
    [InlineData(1234567, 2, "1.2e+06")]
    [InlineData(99.99, 3, "100")]
    [InlineData(1e-7, 2, "1e-07")]
    [InlineData(0, 2, "0")]
    [InlineData(double.NaN, 2, "NaN")]
    public void RoundsToSignificantDigits(double value, int precision, string expected) =>
        Assert.Equal(expected, GoFloat.FormatGeneral(value, precision));

    [Fact]
    public void FormatsDecimals()
    {
        Assert.Equal("0.500000", GoFloat.FormatDecimals(0.5, 6));
        Assert.Equal("-1603774568.123", GoFloat.FormatDecimals(-1603774568.123, 3));
        Assert.Equal("+Inf", GoFloat.FormatDecimals(double.PositiveInfinity, 6));
    }

    [Fact]
    public void ReadsBackToSameBits_WhenRandom()
    {
        var random = new Random(3);
        for (var i = 0; i < 20_000; i++)
        {
            var value = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
            if (!double.IsFinite(value))
            {
                continue;
            }

            foreach (var text in new[] { GoFloat.FormatApi(value), GoFloat.FormatFixed(value), GoFloat.FormatExponent(value), GoFloat.FormatGeneral(value) })
            {
                Assert.Equal(value, double.Parse(text, CultureInfo.InvariantCulture));
                Assert.True(GoNumber.TryParseFloat(text, out var read));
                Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(read));
            }
        }
    }

    [Fact]
    public void DoesNotAllocate_WhenWritingToSpan()
    {
        var buffer = new byte[GoFloat.MaxFixedLength];
        GoFloat.WriteApi(buffer, 1.25);
        GoFloat.WriteFixed(buffer, 1.25);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            GoFloat.WriteApi(buffer, i * 1.1e-9);
            GoFloat.WriteFixed(buffer, i * 1.1e30);
        }

        // Far less than one object a call; the runtime itself may allocate a little.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2000);
    }
}
