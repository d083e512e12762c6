using Deucalion.Common.Wire;
using Xunit;

namespace Deucalion.Common.Tests.Wire;

public sealed class StatusMessageTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain text", "plain text")]
    [InlineData("100%", "100%25")]
    [InlineData("\u00FC\n", "%C3%BC%0A")]
    [InlineData(" a ", "%20a%20")]
    public void TextIsEncodedAndComesBack_WhenAnything(string text, string encoded)
    {
        Assert.Equal(encoded, StatusMessage.Encode(text));
        Assert.Equal(text, StatusMessage.Decode(encoded));
    }

    [Theory]
    [InlineData("%")]
    [InlineData("%4")]
    [InlineData("a%zzb")]
    [InlineData("100% of %+1")]
    public void TextStaysAsItIs_WhenItIsNotEncoded(string text) => Assert.Equal(text, StatusMessage.Decode(text));

    [Fact]
    public void TextIsCutAtACharacter_WhenItIsLong()
    {
        var decoded = StatusMessage.Decode(StatusMessage.Encode(new string('\u20AC', 2000)));

        Assert.Equal(new string('\u20AC', 682), decoded);
    }

    [Fact]
    public void AnyTextComesBack_WhenRandom()
    {
        for (var seed = 0; seed < 5000; seed++)
        {
            var random = new Random(seed);
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => char.ConvertFromUtf32(random.Next(3) == 0 ? random.Next(0xE000, 0x10FFFF) : random.Next(128))));
            var encoded = StatusMessage.Encode(text);

            Assert.All(encoded, static c => Assert.InRange(c, ' ', '~'));
            Assert.Equal(text, StatusMessage.Decode(encoded));
        }
    }
}
