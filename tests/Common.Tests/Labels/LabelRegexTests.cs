using Deucalion.Common.Labels;
using Xunit;

namespace Deucalion.Common.Tests.Labels;

public sealed class LabelRegexTests
{
    [Theory]
    [InlineData("((", "missing closing ): `((`")]
    [InlineData("(?i", "invalid or unsupported Perl syntax: `(?i`")]
    [InlineData("(?", "invalid or unsupported Perl syntax: `(?`")]
    [InlineData("(?=a)", "invalid or unsupported Perl syntax: `(?=`")]
    [InlineData("(?P=n)", "invalid or unsupported Perl syntax: `(?P`")]
    [InlineData("(?-)", "invalid or unsupported Perl syntax: `(?-)`")]
    [InlineData("(?i-s-:a)", "invalid or unsupported Perl syntax: `(?i-s-`")]
    [InlineData("(?i)*", "missing argument to repetition operator: `*`")]
    [InlineData("|*", "missing argument to repetition operator: `*`")]
    [InlineData("(+?)", "missing argument to repetition operator: `+?`")]
    [InlineData("a**", "invalid nested repetition operator: `**`")]
    [InlineData("x{2}{3}", "invalid nested repetition operator: `{2}{3}`")]
    [InlineData("a{1001}", "invalid repeat count: `{1001}`")]
    [InlineData("a{5,2}", "invalid repeat count: `{5,2}`")]
    [InlineData("a{1,99999999999}", "invalid repeat count: `{1,99999999999}`")]
    [InlineData("(a{100}){11}", "invalid repeat count: `{11}`")]
    [InlineData("((((x{20}){20}){2}){2})", "invalid repeat count: `{2}`")]
    [InlineData("\\8", "invalid escape sequence: `\\8`")]
    [InlineData("\\18", "invalid escape sequence: `\\1`")]
    [InlineData("\\C", "invalid escape sequence: `\\C`")]
    [InlineData("\\x{110000}", "invalid escape sequence: `\\x{110000`")]
    [InlineData("\\x4", "invalid escape sequence: `\\x4`")]
    [InlineData("\\\u00e9", "invalid escape sequence: `\\\u00e9`")]
    [InlineData("x\\", "trailing backslash at end of expression: ``")]
    [InlineData("[\\", "trailing backslash at end of expression: ``")]
    [InlineData("[a", "missing closing ]: `[a`")]
    [InlineData("x[[:^alpha:]", "missing closing ]: `[[:^alpha:]`")]
    [InlineData("[z-a]", "invalid character class range: `z-a`")]
    [InlineData("[[:foo:]]", "invalid character class range: `[:foo:]`")]
    [InlineData("\\p", "invalid character class range: `\\p`")]
    [InlineData("\\p{}", "invalid character class range: `\\p{}`")]
    [InlineData("\\p{greek}", "invalid character class range: `\\p{greek}`")]
    [InlineData("[\\p{Foo}]", "invalid character class range: `\\p{Foo}`")]
    [InlineData("a)", "unexpected ): `a)`")]
    [InlineData("(?<n", "invalid named capture: `(?<n`")]
    [InlineData("(?P<>a)", "invalid named capture: `(?P<>`")]
    [InlineData("(?P<a b>a)", "invalid named capture: `(?P<a b>`")]
    public void FailsAsGo_WhenSyntaxIsNotRe2(string pattern, string message)
    {
        var e = Assert.Throws<RegexSyntaxException>(() => LabelRegex.Parse(pattern));
        Assert.Equal("error parsing regexp: " + message, e.Message);
    }

    [Theory]
    [InlineData("a.c", "a\nc", true)]
    [InlineData("(?-s:a.c)", "a\nc", false)]
    [InlineData("abc", "abcd", false)]
    [InlineData("abc$", "abc\n", false)]
    [InlineData("^abc$", "abc", true)]
    [InlineData("(?m)a$\nb", "a\nb", true)]
    [InlineData("(?i)kelvin", "\u212Aelvin", true)]
    [InlineData("(?i:s)", "\u017F", true)]
    [InlineData("(?i:i)", "\u0130", false)]
    [InlineData("(?i)[k]", "\u212A", true)]
    [InlineData("(?i)\u03c3", "\u03c2", true)]
    [InlineData("\\d+", "\u0664", false)]
    [InlineData("\\w", "\u00e9", false)]
    [InlineData("\\s", "\v", false)]
    [InlineData("[[:space:]]", "\v", true)]
    [InlineData("\\p{Greek}+", "\u03b1\u03b2", true)]
    [InlineData("\\P{Greek}", "\u03b1", false)]
    [InlineData("\\pN", "\u0664", true)]
    [InlineData("\\p{^Lu}", "a", true)]
    [InlineData("\\Qa.b*\\E+", "a.b**", true)]
    [InlineData("\\Qa.b", "a.b", true)]
    [InlineData("a\\z", "a", true)]
    [InlineData("\\x{1F600}", "\U0001F600", true)]
    [InlineData(".", "\U0001F600", true)]
    [InlineData("..", "\U0001F600", false)]
    [InlineData("[^a]", "\U0001F600", true)]
    [InlineData("[\U0001F600-\U0001F64F]{2}", "\U0001F610\U0001F64F", true)]
    [InlineData("[\U0001F600-\U0001F64F]", "\U0001F650", false)]
    [InlineData("\\baa\\b.*\\bbb\\b", "aa bb", true)]
    [InlineData("aa\\Bb", "aab", true)]
    [InlineData("aa\\bb", "aab", false)]
    [InlineData("(?:)", "", true)]
    [InlineData("", "", true)]
    [InlineData("a{,2}", "a{,2}", true)]
    [InlineData("[]a]+", "]a", true)]
    [InlineData("[a-]+", "a-", true)]
    [InlineData("(?U)a+?b", "aab", true)]
    [InlineData("\\07\\_\\.", "\u0007_.", true)]
    [InlineData("(a{1000})", "a", false)]
    [InlineData("[^\\x00-\\x{10FFFF}]", "a", false)]
    public void Matches_WhenWholeValueDoes(string pattern, string value, bool expected)
    {
        var regex = LabelRegex.Parse(pattern);
        Assert.Equal(expected, regex.IsMatch(value));
        Assert.Equal(expected, regex.IsMatchByEngine(value));
        Assert.Equal(expected, regex.IsMatchByMachine(value));
    }

    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("b|a|c", "a,b,c")]
    [InlineData("foo-(?:bar|baz)", "foo-bar,foo-baz")]
    [InlineData("a[0-2]b?", "a0,a0b,a1,a1b,a2,a2b")]
    [InlineData("(?i)ab", "AB,Ab,aB,ab")]
    [InlineData("x{2,3}", "xx,xxx")]
    [InlineData("", "")]
    public void ListsAlternatives_WhenFew(string pattern, string expected)
    {
        var regex = LabelRegex.Parse(pattern);
        Assert.Equal(expected, string.Join(",", regex.Alternatives!));
        Assert.Equal(expected.Contains(',', StringComparison.Ordinal) ? null : expected, regex.Literal);
    }

    [Theory]
    [InlineData("a.*")]
    [InlineData("[a-z]{2}")]
    [InlineData("\\bfoo")]
    [InlineData("(?i)kubernetes")]
    public void ListsNoAlternatives_WhenManyOrUnknown(string pattern) => Assert.Null(LabelRegex.Parse(pattern).Alternatives);

    [Theory]
    [InlineData("abc.*", "abc")]
    [InlineData("abc(d|e)+", "abc")]
    [InlineData("(foo|fob)x", "fo")]
    [InlineData("(?i)abc", "")]
    [InlineData("ab+c*", "ab")]
    [InlineData("(a|)b", "")]
    [InlineData("\U0001F600[x]|\U0001F601y", "")]
    public void KnowsPrefix_WhenAllMatchesShareIt(string pattern, string prefix) => Assert.Equal(prefix, LabelRegex.Parse(pattern).Prefix);

    [Fact]
    public void KnowsTrivialExpressions()
    {
        Assert.True(LabelRegex.Parse(".*").MatchesEverything);
        Assert.True(LabelRegex.Parse("(.*|a)").MatchesEverything);
        Assert.True(LabelRegex.Parse(".+").MatchesAllButEmpty);
        Assert.False(LabelRegex.Parse(".+").MatchesEmpty);
        Assert.True(LabelRegex.Parse("a?").MatchesEmpty);
    }

    [Theory]
    [InlineData("(.*)-(.*)", "a-b-c", "$2/$1", "c/a-b")]
    [InlineData("(.*?)-(.*)", "a-b-c", "$2/$1", "b-c/a")]
    [InlineData("(?P<x>a)(?<y>b)?", "a", "${x}[$y]$$1$", "a[]$1$")]
    [InlineData("(a)(b)", "ab", "$1x$2", "b")]
    [InlineData("(a)(b)", "ab", "${1}x$2$3$0", "axbab")]
    [InlineData("(a|b)*", "aab", "$1", "b")]
    [InlineData("(a)\\b(.*)", "a-b", "$2$1", "-ba")]
    [InlineData("(?P<n>a)(?P<n>b)", "ab", "$n", "a")]
    [InlineData("([^z]*)a{0,2}", "\n", "<$1>", "<\n>")]
    [InlineData("(a+)(a*)", "aaa", "$1,$2", "aaa,")]
    [InlineData("(?U)(a+)(a*)", "aaa", "$1,$2", "a,aa")]
    [InlineData("a", "a", "${1", "${1")]
    public void FillsGroups_WhenValueMatches(string pattern, string value, string template, string expected)
    {
        Assert.True(LabelRegex.Parse(pattern).TryExpand(value, template, out var result));
        Assert.Equal(expected, result);
        Assert.False(LabelRegex.Parse(pattern).TryExpand("zzz", template, out _));
    }

    [Fact]
    public void Matches_WhenExpressionIsTooLargeForTheEngine()
    {
        var regex = LabelRegex.Parse("a.{1000}");
        Assert.True(regex.IsMatch("a" + new string('b', 1000)));
        Assert.False(regex.IsMatch("a" + new string('b', 1001)));
    }

    [Fact]
    public void Fails_WhenNestedTooDeep()
    {
        var deep = new string('(', 100_000) + new string(')', 100_000);
        Assert.Contains("expression nests too deeply", Assert.Throws<RegexSyntaxException>(() => LabelRegex.Parse(deep)).Message, StringComparison.Ordinal);
        Assert.Throws<RegexSyntaxException>(() => LabelRegex.Parse(new string('(', 100_000)));
    }
}
