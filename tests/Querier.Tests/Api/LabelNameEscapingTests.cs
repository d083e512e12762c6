using Deucalion.Querier.Api;
using Xunit;

namespace Deucalion.Querier.Tests.Api;

public sealed class LabelNameEscapingTests
{
    [Theory]
    [InlineData("job", "job")]
    [InlineData("U__http_2e_status", "http.status")]
    [InlineData("U__a__b", "a_b")]
    [InlineData("U__", "")]
    [InlineData("U___65e5_", "\u65e5")]
    [InlineData("U___1f600_x", "\ud83d\ude00x")]
    [InlineData("U__a_2e", "U__a_2e")]
    [InlineData("U__a_zz_", "U__a_zz_")]
    [InlineData("U__a_", "U__a_")]
    [InlineData("U__a_d800_", "U__a_d800_")]
    [InlineData("U__a_1234567_", "U__a_1234567_")]
    [InlineData("u__a_2e_", "u__a_2e_")]
    public void GivesTheNameMeant_OrTheTextWhereItIsMalformed(string text, string name) => Assert.Equal(name, LabelNameEscaping.Unescape(text));
}
