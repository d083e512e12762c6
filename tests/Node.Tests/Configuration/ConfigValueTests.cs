using Deucalion.Node.Configuration;
using Xunit;

namespace Deucalion.Node.Tests.Configuration;

public sealed class ConfigValueTests
{
    [Theory]
    [InlineData("15s", 15_000, "15s")]
    [InlineData("1h30m", 5_400_000, "1h30m")]
    [InlineData("90m", 5_400_000, "1h30m")]
    [InlineData("1w", 604_800_000, "7d")]
    [InlineData("1y", 31_536_000_000, "365d")]
    [InlineData("250ms", 250, "250ms")]
    [InlineData("0s", 0, "0s")]
    public void ReadsAndWritesDurations(string text, long milliseconds, string written)
    {
        Assert.Equal(milliseconds, (long)ConfigValue.Duration(text).TotalMilliseconds);
        Assert.Equal(written, ConfigValue.Text(ConfigValue.Duration(text)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("1m1h")]
    [InlineData("1s1s")]
    [InlineData("1.5h")]
    [InlineData("99999999999999999999s")]
    public void RefusesDurations_ThatAreNone(string text) => Assert.Throws<FormatException>(() => ConfigValue.Duration(text));

    [Theory]
    [InlineData("1048576", 1048576, "1MiB")]
    [InlineData("10GB", 10_000_000_000, "10GB")]
    [InlineData("512MiB", 536_870_912, "512MiB")]
    [InlineData("1001", 1001, "1001")]
    public void ReadsAndWritesSizes(string text, long bytes, string written)
    {
        Assert.Equal(bytes, ConfigValue.Size(text));
        Assert.Equal(written, ConfigValue.SizeText(bytes));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("127.0.0.1:9095", true)]
    [InlineData("[fd00::7]:9095", true)]
    [InlineData("deucalion-0.deucalion-nodes.metrics.svc:9095", true)]
    [InlineData("0.0.0.0:9095", false)]
    [InlineData("[::]:9095", false)]
    [InlineData(":9095", false)]
    [InlineData("node-1", false)]
    [InlineData("node-1:0", false)]
    [InlineData("node-1:70000", false)]
    [InlineData("fd00::7:9095", false)]
    [InlineData("http://node-1:9095", false)]
    [InlineData("node 1:9095", false)]
    public void AcceptsAddressesThatOthersCanReach(string text, bool good)
    {
        if (good)
        {
            Assert.Equal(text, ConfigValue.ReachableAddress(text));
        }
        else
        {
            Assert.Throws<FormatException>(() => ConfigValue.ReachableAddress(text));
        }
    }

    [Theory]
    [InlineData("127.0.0.1:9009", true)]
    [InlineData("[::1]:9009", true)]
    [InlineData(":0", true)]
    [InlineData("localhost:80", true)]
    [InlineData("9009", false)]
    [InlineData("127.0.0.1:70000", false)]
    [InlineData("no.such.host:80", false)]
    public void AcceptsAddresses(string text, bool good)
    {
        if (good)
        {
            Assert.Equal(text, ConfigValue.Address(text));
        }
        else
        {
            Assert.Throws<FormatException>(() => ConfigValue.Address(text));
        }
    }

    [Theory]
    [InlineData("2h,12h,24h", 3)]
    [InlineData("[2h, 6h]", 2)]
    [InlineData("1d", 1)]
    public void ReadsRisingDurations(string text, int count) => Assert.Equal(count, ConfigValue.RisingDurations(text).Count);

    [Theory]
    [InlineData("")]
    [InlineData("0s")]
    [InlineData("2h,2h")]
    [InlineData("2h,3h")]
    [InlineData("12h,2h")]
    [InlineData("2h,soon")]
    public void RefusesDurations_ThatDoNotRiseByMultiples(string text) => Assert.Throws<FormatException>(() => ConfigValue.RisingDurations(text));
}
