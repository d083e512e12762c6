using Deucalion.Common.Wire;
using Xunit;

namespace Deucalion.Common.Tests.Wire;

public sealed class WireTimeoutTests
{
    [Theory]
    [InlineData(0, "0u")]
    [InlineData(1, "1u")]
    [InlineData(10_000_000, "1000000u")]
    [InlineData(3_000_000_000, "300000m")]
    [InlineData(3_000_000_001, "300001m")]
    [InlineData(864_000_000_000, "86400000m")]
    [InlineData(8_640_000_000_000, "864000S")]
    [InlineData(-5, "0u")]
    [InlineData(3_600_000_000_000_000_000, "99999999H")]
    [InlineData(3_599_999_964_000_000_000, "99999999H")]
    [InlineData(6_000_000_000_000_000, "10000000M")]
    [InlineData(long.MaxValue, "99999999H")]
    public void TimeoutIsRoundedUp_WhenWritten(long ticks, string expected) => Assert.Equal(expected, WireTimeout.Format(TimeSpan.FromTicks(ticks)));

    [Theory]
    [InlineData("1n", 1)]
    [InlineData("250n", 3)]
    [InlineData("10u", 100)]
    [InlineData("99999999m", 999_999_990_000)]
    [InlineData("2S", 20_000_000)]
    [InlineData("1M", 600_000_000)]
    [InlineData("1H", 36_000_000_000)]
    [InlineData("99999999H", 3_599_999_964_000_000_000)]
    public void TimeoutIsRead_WhenWellFormed(string text, long ticks)
    {
        Assert.True(WireTimeout.TryParse(text, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("S")]
    [InlineData("-1S")]
    [InlineData("1x")]
    [InlineData("1.5S")]
    [InlineData("123456789S")]
    [InlineData(" 1S")]
    public void TimeoutIsRefused_WhenMalformed(string text) => Assert.False(WireTimeout.TryParse(text, out _));
}
