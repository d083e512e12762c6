using System.Text;
using Deucalion.Common.IO;
using Deucalion.Common.Labels;
using Deucalion.Storage.Tests.Blocks;
using Deucalion.Storage.Tools;
using Deucalion.Storage.Tools.OpenMetrics;
using Xunit;

namespace Deucalion.Storage.Tests.Tools;

public sealed class OpenMetricsTests
{
    [Theory]
    [InlineData("a 1 2", 2, 1, "does not end with # EOF")]
    [InlineData("# EOF\na 1 2\n", 2, 1, "after # EOF")]
    [InlineData("\n# EOF", 1, 1, "expected a metric name, found the end of the line")]
    [InlineData("a{b=\"c} 1 2\n# EOF", 1, 12, "has no end")]
    [InlineData("a{b=\"\\x\"} 1 2\n# EOF", 1, 7, "backslash")]
    [InlineData("a{b=\"c\",b=\"d\"} 1 2\n# EOF", 1, 9, "twice")]
    [InlineData("a{0=\"c\"} 1 2\n# EOF", 1, 3, "expected a label name")]
    [InlineData("a{b=\"c\"}1 2\n# EOF", 1, 9, "expected \" \"")]
    [InlineData("a x 2\n# EOF", 1, 3, "expected a value, found \"x 2\"")]
    [InlineData("a 1 x\n# EOF", 1, 5, "expected a timestamp in seconds")]
    [InlineData("a 1 1e300\n# EOF", 1, 5, "out of range")]
    [InlineData("a 1 2 3\n# EOF", 1, 6, "unexpected text")]
    [InlineData("{b=\"c\"} 1 2\n# EOF", 1, 1, "no name")]
    [InlineData("# TYPE a widget\n# EOF", 1, 10, "not a type")]
    [InlineData("# UNIT a_seconds bytes\n# EOF", 1, 18, "not the end of the name")]
    [InlineData("# a comment\n# EOF", 1, 3, "TYPE, HELP, UNIT or EOF")]
    [InlineData("a 1 2 # {b=\"c\"} x\n# EOF", 1, 17, "exemplar's value")]
    public void NamesLineAndColumn_WhenTheTextIsWrong(string text, int line, int column, string reason)
    {
        var reader = new OpenMetricsReader(new StringReader(text));
        var error = Assert.Throws<OpenMetricsException>(() =>
        {
            while (reader.Next())
            {
            }
        });
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadsSamples_WhenTheTextHasAllOfTheFormat()
    {
        var reader = new OpenMetricsReader(new StringReader(
            "# HELP a Some\\nhelp.\n# TYPE a counter\n# UNIT a_seconds seconds\na_total{b=\"x\\\\y\\n\\\"z\",} 1.5e3 1.2346 # {t=\"1\"} 2 3\n"
            + "{\"\\\"q\\\" r\",\"l.m\"=\"v\"} +Inf -1\na NaN\n# EOF\n"));
        Assert.True(reader.Next());
        Assert.Equal(Labels.Of(("__name__", "a_total"), ("b", "x\\y\n\"z")), reader.Labels);
        Assert.Equal((1500.0, 1235L, 4), (reader.Value, reader.Time!.Value, reader.Line));
        Assert.True(reader.Next());
        Assert.Equal(Labels.Of(("__name__", "\"q\" r"), ("l.m", "v")), reader.Labels);
        Assert.Equal((double.PositiveInfinity, -1000L), (reader.Value, reader.Time!.Value));
        Assert.True(reader.Next());
        Assert.True(double.IsNaN(reader.Value) && reader.Time is null);
        Assert.False(reader.Next());
    }

    [Theory]
    [InlineData(2, 1_000_000, 4)]
    [InlineData(2, 1, 4)]
    [InlineData(20, 1_000_000, 2)]
    public async Task MakesAlignedBlocks_WhenSamplesComeInAnyOrder(int hours, int perPass, int blocks)
    {
        using var directory = new TemporaryDirectory();
        var options = new OpenMetricsBlockOptions { MaxBlockDuration = hours * 3_600_000L, MaxSamplesPerPass = perPass, Labels = Labels.Of(("job", "j")) };
        var text = Encoding.UTF8.GetBytes("b 5 7200\na 4 25199.999\na 1 0\na 3 14400\na 2 7199.999\na 0 -0.001\na 1 0\n# EOF\n");
        var created = new OpenMetricsBlocks(new LinuxDisk(), TimeProvider.System, options).Create(() => new MemoryStream(text), directory.Path, CancellationToken.None);
        Assert.Equal(blocks + (hours == 2 ? 1 : 0), created.Count);
        Assert.Equal(created.OrderBy(static m => m.MinTime), created);
        using var dump = new StringWriter();
        await new SampleDump(dump).WriteAsync(await DatabaseDirectory.BlocksAsync(directory.Path, CancellationToken.None), null, [], long.MinValue, long.MaxValue, CancellationToken.None);
        const string a = "{__name__=\"a\", job=\"j\"}";
        Assert.Equal($"{a} 0 -1\n{a} 1 0\n{a} 2 7199999\n{a} 3 14400000\n{a} 4 25199999\n{{__name__=\"b\", job=\"j\"}} 5 7200000\n", dump.ToString());
    }

    [Theory]
    [InlineData("a 1 1\na 2 1\n# EOF", "two values")]
    [InlineData("a 1\n# EOF", "line 1, column 1: the sample of {__name__=\"a\"} has no timestamp")]
    [InlineData("a 1 1\n\u00ff", "line 1, column 1: here or shortly after it the text is not UTF-8")]
    public void MakesNothing_WhenASampleCannotBeStored(string text, string reason)
    {
        using var directory = new TemporaryDirectory();
        var blocks = new OpenMetricsBlocks(new LinuxDisk(), TimeProvider.System, new OpenMetricsBlockOptions());
        var error = Assert.ThrowsAny<FormatException>(() => blocks.Create(() => new MemoryStream(Encoding.Latin1.GetBytes(text)), directory.Path, CancellationToken.None));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
    }
}
