using Deucalion.Node.Security;
using Xunit;

namespace Deucalion.Node.Tests.Security;

public sealed class PasswordHashTests
{
    // Made with Python's hashlib.pbkdf2_hmac('sha256', b'correct horse', b'saltsalt', 10000).
    private const string Known = "pbkdf2-sha256:10000:c2FsdHNhbHQ=:MBlX8O5tpAxXjnIZapIeuVCT5y+7lFYpNN3O3eK8oOs=";

    [Fact]
    public void MatchesWhatAnotherProgramMade()
    {
        var hash = PasswordHash.Parse(Known);
        Assert.True(hash.Matches("correct horse"));
        Assert.False(hash.Matches("correct hors"));
        Assert.Equal(Known, hash.ToString());
    }

    [Fact]
    public void HasASaltOfItsOwnEachTime()
    {
        var first = PasswordHash.Create("battery staple").ToString();
        Assert.NotEqual(first, PasswordHash.Create("battery staple").ToString());
        Assert.True(PasswordHash.Parse(first).Matches("battery staple"));
    }

    [Fact]
    public void FailsOnlyWithFormatException_WhenTheTextIsBroken()
    {
        var random = new Random(3);
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var text = Known.ToCharArray();
            text[random.Next(text.Length)] = (char)random.Next(32, 300);
            try
            {
                PasswordHash.Parse(new string(text));
            }
            catch (FormatException e)
            {
                refused++;
                Assert.DoesNotContain("c2Fsd", e.Message, StringComparison.Ordinal);
            }
        }

        Assert.True(refused > 5000, $"{refused} refused");
    }
}
