using Deucalion.Common.Text;
using Xunit;

namespace Deucalion.Common.Tests.Text;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("1ms", 1)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1y2w3d4h5m6s7ms", 33_019_506_007)]
    [InlineData("90s", 90_000)]
    public void Reads(string text, long expected) => Assert.Equal(expected, DurationText.Parse(text));

    [Theory]
    [InlineData("", "empty duration string")]
    [InlineData("1", "not a valid duration string: \"1\"")]
    [InlineData("1m1h", "not a valid duration string: \"1m1h\"")]
    [InlineData("1m1m", "not a valid duration string: \"1m1m\"")]
    [InlineData("-1m", "not a valid duration string: \"-1m\"")]
    [InlineData("1.5h", "unknown unit \".\" in duration \"1.5h\"")]
    [InlineData("1hs", "unknown unit \"hs\" in duration \"1hs\"")]
    [InlineData("293y", "duration out of range")]
    [InlineData("99999999999999999999y", "not a valid duration string: \"99999999999999999999y\"")]
    public void Fails_WhenTextIsNoDuration(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => DurationText.Parse(text)).Message);

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1, "1ms")]
    [InlineData(90_000, "1m30s")]
    [InlineData(7 * 86_400_000L, "1w")]
    [InlineData(8 * 86_400_000L, "8d")]
    [InlineData(365 * 86_400_000L, "1y")]
    [InlineData(-61_000, "-1m1s")]
    [InlineData(3_600_001, "1h1ms")]
    public void Formats(long milliseconds, string expected) => Assert.Equal(expected, DurationText.Format(milliseconds));
}
