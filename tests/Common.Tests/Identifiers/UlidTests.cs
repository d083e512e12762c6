using Deucalion.Common.Identifiers;
using Xunit;

namespace Deucalion.Common.Tests.Identifiers;

public sealed class UlidTests
{
    [Fact]
    public void HasTheTextOfTheSpecification_WhenMadeFromKnownBits()
    {
        var ulid = Ulid.Create(1469922850259, [0xE5, 0x7F, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07]);
        Assert.StartsWith("01ARZ3NDEK", ulid.ToString(), StringComparison.Ordinal);
        Assert.Equal(1469922850259, ulid.Time);
        Assert.True(Ulid.TryParse(ulid.ToString(), out var parsed));
        Assert.Equal(ulid, parsed);
        Assert.True(Ulid.TryParse(ulid.ToString().ToLowerInvariant(), out parsed));
        Assert.Equal(ulid, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FA")]
    [InlineData("81ARZ3NDEKTSV4RRFFQ69G5FAV")]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAU")]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5F V")]
    public void IsRefused_WhenTheTextIsNotAUlid(string text) => Assert.False(Ulid.TryParse(text, out _));

    [Fact]
    public void SortsByTimeAsText_WhenMadeLater()
    {
        var now = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var first = Ulid.Create(now);
        var second = Ulid.Create(now.AddMilliseconds(1));
        Assert.True(first.CompareTo(second) < 0);
        Assert.True(string.CompareOrdinal(first.ToString(), second.ToString()) < 0);
        Assert.NotEqual(Ulid.Create(now), Ulid.Create(now));
    }
}
