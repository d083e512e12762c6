using System.Text;
using Deucalion.Node.Security;
using Xunit;

namespace Deucalion.Node.Tests.Security;

public sealed class CredentialsTests
{
    [Theory]
    [InlineData("Bearer abc", null, "abc")]
    [InlineData("bearer  abc ", null, "abc")]
    [InlineData("Basic dTpwOnE=", "u", "p:q")]
    [InlineData("basic dTo=", "u", "")]
    public void ReadsBothSchemes(string header, string? user, string secret)
    {
        Assert.True(Credentials.TryParse(header, out var credentials));
        Assert.Equal(user, credentials!.User);
        Assert.Equal(secret, credentials.Secret);
        Assert.DoesNotContain(secret.Length > 0 ? secret : "dTo", credentials.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData(" abc")]
    [InlineData("Digest abc")]
    [InlineData("Basic abc")]
    [InlineData("Basic dQ==")]
    [InlineData("Basic //86")]
    public void RefusesOthers(string header) => Assert.False(Credentials.TryParse(header, out _));

    [Fact]
    public void NeverFails_WhateverIsSent()
    {
        var random = new Random(11);
        var accepted = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var bytes = new byte[random.Next(0, 40)];
            random.NextBytes(bytes);
            var header = random.Next(3) switch
            {
                0 => "Basic " + Convert.ToBase64String(bytes),
                1 => "Bearer " + Encoding.Latin1.GetString(bytes),
                _ => Encoding.Latin1.GetString(bytes),
            };
            if (Credentials.TryParse(header, out var credentials))
            {
                accepted++;
                Assert.NotNull(credentials);
            }
        }

        Assert.InRange(accepted, 10_000, 40_000);
    }
}
