using System.Globalization;
using System.Text;
using Deucalion.Querier.Json;
using Xunit;

namespace Deucalion.Querier.Tests.Json;

public sealed class SampleTextTests
{
    [Fact]
    public void PrintsWhatPrometheusPrints_ForTheTable()
    {
        var wrong = new List<string>();
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "fixtures", "go-floats.txt")))
        {
            var parts = line.Split(' ');
            var text = Value(BitConverter.Int64BitsToDouble(long.Parse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
            if (text != parts[1])
            {
                wrong.Add($"{line}: {text}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void ReadsBackEqualAndFollowsTheFormatRule_ForRandomValues()
    {
        var random = new Random(20261120);
        var bytes = new byte[8];
        for (var i = 0; i < 50_000; i++)
        {
            random.NextBytes(bytes);
            var value = (i % 4) switch
            {
                0 => BitConverter.ToDouble(bytes),
                1 => random.Next(-1_000_000, 1_000_000) / 1000.0,
                2 => Math.Round(random.NextDouble() * 1e6, random.Next(0, 7)),
                _ => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-10, 25)),
            };
            if (!double.IsFinite(value))
            {
                continue;
            }

            var text = Value(value);
            Assert.Equal(value, double.Parse(text, CultureInfo.InvariantCulture));
            var magnitude = Math.Abs(value);
            Assert.Equal(magnitude != 0 && magnitude is < 1e-6 or >= 1e21, text.Contains('e'));
            var digits = text.Split('e')[0].Where(char.IsAsciiDigit).SkipWhile(c => c == '0').Count();
            if (magnitude is > 1e-6 and < 1e15)
            {
                Assert.True(digits <= 17, text);
                Assert.False(text.Contains('.') && text.EndsWith('0'), text);
            }
        }
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(50, "0.050")]
    [InlineData(1500, "1.500")]
    [InlineData(1000, "1")]
    [InlineData(-1, "-0.001")]
    [InlineData(-5500, "-5.500")]
    [InlineData(1435781451781, "1435781451.781")]
    [InlineData(9223372036854775, "9223372036854.775")]
    [InlineData(long.MaxValue, "9223372036854775.807")]
    public void PrintsSecondsWithThreeDecimalsOrNone_ForMilliseconds(long milliseconds, string expected)
    {
        Span<byte> buffer = stackalloc byte[SampleText.MaxTimeLength];
        Assert.Equal(expected, Encoding.ASCII.GetString(buffer[..SampleText.WriteTime(buffer, milliseconds)]));
    }

    [Theory]
    [InlineData(1e-7, "1e-7")]
    [InlineData(1e-12, "1e-12")]
    [InlineData(1e21, "1e+21")]
    [InlineData(1435781451.781, "1435781451.781")]
    public void DropsALeadingZeroOfSmallExponents_ForJsonFloats(double value, string expected)
    {
        Span<byte> buffer = stackalloc byte[SampleText.MaxFloatLength];
        Assert.Equal(expected, Encoding.ASCII.GetString(buffer[..SampleText.WriteJsonFloat(buffer, value)]));
    }

    [Theory]
    [InlineData("plain", "\"plain\"", "\"plain\"")]
    [InlineData("<a>&\u2028", "\"<a>&\u2028\"", "\"\\u003ca\\u003e\\u0026\\u2028\"")]
    [InlineData("q\"b\\n\n\r\t\u0001\u0008\u007f", "\"q\\\"b\\\\n\\n\\r\\t\\u0001\\u0008\u007f\"", "\"q\\\"b\\\\n\\n\\r\\t\\u0001\\b\u007f\"")]
    [InlineData("\u00fc\u65e5\ud83d\ude00", "\"\u00fc\u65e5\ud83d\ude00\"", "\"\u00fc\u65e5\ud83d\ude00\"")]
    public void EscapesAsPrometheusDoes_ForLabelsAndOtherTexts(string text, string label, string other)
    {
        using var output = new JsonOutput();
        output.LabelString(text);
        Assert.Equal(label, Encoding.UTF8.GetString(output.Written.Span));
        output.Clear();
        output.String(text);
        Assert.Equal(other, Encoding.UTF8.GetString(output.Written.Span));
    }

    private static string Value(double value)
    {
        Span<byte> buffer = stackalloc byte[SampleText.MaxFloatLength];
        return Encoding.ASCII.GetString(buffer[..SampleText.WriteValue(buffer, value)]);
    }
}
