using Deucalion.PromQL.Parser;
using Deucalion.PromQL.Printer;
using Xunit;

namespace Deucalion.PromQL.Tests.Parser;

public sealed class PromQlParserErrorTests
{
    public static TheoryData<string, string> Syntax => new()
    {
        { "", "unknown position: parse error: no expression found in input" },
        { "# only a comment", "1:1: parse error: no expression found in input" },
        { "1+", "1:3: parse error: unexpected end of input" },
        { ".", "1:1: parse error: unexpected character: '.'" },
        { "2.5.", "1:1: parse error: bad number or duration syntax: \"2.5.\"" },
        { "0deadbeef", "1:1: parse error: bad number or duration syntax: \"0de\"" },
        { "0xi", "1:1: parse error: bad number or duration syntax: \"0x\"" },
        { "1 /", "1:4: parse error: unexpected end of input" },
        { "*1", "1:1: parse error: unexpected <op:*>" },
        { "(1))", "1:5: parse error: unexpected right parenthesis ')'" },
        { "((1)", "1:5: parse error: unclosed left parenthesis" },
        { "(", "1:2: parse error: unclosed left parenthesis" },
        { "999" + new string('9', 310), "1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"" + new string('9', 313) + "\": value out of range" },
        { "0x1e1e1e1e1e1e1e1e1e", "1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"0x1e1e1e1e1e1e1e1e1e\": invalid syntax" },
        { "1 !~ 1", "1:3: parse error: unexpected character after '!': '~'" },
        { "1 =~ 1", "1:3: parse error: unexpected character after '=': '~'" },
        { "!", "1:1: parse error: unexpected character after '!': '\uFFFD'" },
        { "-test[5m", "1:9: parse error: unclosed left bracket" },
        { "foo[", "1:5: parse error: unexpected end of input in duration expression" },
        { "foo[]", "1:5: parse error: unexpected \"]\" in subquery or range selector, expected number, duration, step(), or range()" },
        { "foo[5m:1m x]", "1:11: parse error: unexpected character: 'x', expected ':'" },
        { "foo[5m::1m]", "1:8: parse error: unexpected colon ':'" },
        { "foo[:1m]", "1:6: parse error: unexpected colon before duration in duration expression" },
        { "foo[5m 5m]", "1:8: parse error: unexpected duration \"5m\" in subquery or range, expected \":\" or \"]\"" },
        { "foo[5m:1m 1m]", "1:11: parse error: unexpected duration \"1m\" in subquery selector, expected \"]\"" },
        { "foo[5m:{]", "1:8: parse error: unexpected \"{\" in subquery selector, expected number, duration, step(), range(), or \"]\"" },
        { "foo[0m]", "1:5: parse error: duration must be greater than 0" },
        { "foo[-5m]", "1:5: parse error: duration must be greater than 0" },
        { "foo[5m:0s]", "1:8: parse error: duration must be greater than 0" },
        { "foo[5m1h]", "1:5: parse error: not a valid duration string: \"5m1h\"" },
        { "foo[5mm]", "1:5: parse error: bad number or duration syntax: \"5mm\"" },
        { "foo[1m/0]", "1:7: parse error: division by zero" },
        { "foo[1m%0]", "1:7: parse error: modulo by zero" },
        { "foo[99999999999]", "1:5: parse error: duration out of range" },
        { "foo[300y]", "1:5: parse error: duration out of range" },
        { "foo[[5m]]", "1:5: parse error: unexpected character in duration expression: '['" },
        { "foo[5m[", "1:7: parse error: unexpected left bracket '['" },
        { "foo]", "1:4: parse error: unexpected right bracket ']'" },
        { "foo offset", "1:11: parse error: unexpected end of input in offset, expected number, duration, step(), or range()" },
        { "foo offset 1m[5m]", "1:14: parse error: no offset modifiers allowed before range" },
        { "foo @ 5 [5m]", "1:9: parse error: no @ modifiers allowed before range" },
        { "(foo)[5m]", "1:6: parse error: ranges only allowed for vector selectors" },
        { "foo offset 1m offset 2m", "1:1: parse error: offset may not be set multiple times" },
        { "foo @ 1 @ 2", "1:1: parse error: @ <timestamp> may not be set multiple times" },
        { "(foo) offset 1m", "1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery" },
        { "1 @ 2", "1:1: parse error: @ modifier must be preceded by an instant vector selector or range vector selector or a subquery" },
        { "foo @ x", "1:7: parse error: unexpected identifier \"x\" in @, expected timestamp" },
        { "foo @ start", "1:12: parse error: unexpected end of input in @, expected timestamp" },
        { "foo @ inf", "1:1: parse error: timestamp out of bounds for @ modifier: +Inf" },
        { "foo @ 1e30", "1:1: parse error: timestamp out of bounds for @ modifier: 1000000000000000019884624838656.000000" },
        { "{", "1:2: parse error: unexpected end of input inside braces" },
        { "}", "1:1: parse error: unexpected character: '}'" },
        { "some{{", "1:6: parse error: unexpected left brace '{'" },
        { "foo{a}", "1:6: parse error: unexpected \"}\" in label matching, expected label matching operator" },
        { "foo{a=b}", "1:7: parse error: unexpected identifier \"b\" in label matching, expected string" },
        { "foo{1=\"a\"}", "1:5: parse error: unexpected character inside braces: '1'" },
        { "foo{=\"a\"}", "1:5: parse error: unexpected \"=\" in label matching, expected identifier or \"}\"" },
        { "foo{a=\"1\" b=\"2\"}", "1:11: parse error: unexpected identifier \"b\" in label matching, expected \",\" or \"}\"" },
        { "foo{a=\"1\",,}", "1:11: parse error: unexpected \",\" in label matching, expected identifier or \"}\"" },
        { "foo{a!1}", "1:6: parse error: unexpected character after '!' inside braces: '1'" },
        { "foo{a=~\"(\"}", "1:5: parse error: error parsing regexp: missing closing ): `(`" },
        { "\"a", "1:1: parse error: unterminated quoted string" },
        { "`a", "1:1: parse error: unterminated raw string" },
        { "'\\\"'", "1:1: parse error: unknown escape sequence U+0022 '\"'" },
        { "\"\\xg\"", "1:1: parse error: illegal character U+0067 'g' in escape sequence" },
        { "\"\\400\"", "1:1: parse error: escape sequence is an invalid Unicode code point" },
        { "\"\\ud800\"", "1:1: parse error: escape sequence is an invalid Unicode code point" },
        { "\"\\", "1:1: parse error: escape sequence not terminated" },
        { "\u00fc", "1:1: parse error: unexpected character: '\u00fc'" },
        { "\"\u00fc\u00fc\" $", "1:8: parse error: unexpected character: '$'" },
        { "a\n+\n  $", "3:3: parse error: unexpected character: '$'" },
        { "sum", "" },
        { "sum()", "1:1: parse error: no arguments for aggregate expression provided" },
        { "sum(a,b)", "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 1, got 2" },
        { "topk(a)", "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1" },
        { "sum a", "1:5: parse error: unexpected identifier \"a\"" },
        { "sum by a", "1:8: parse error: unexpected identifier \"a\" in grouping opts, expected \"(\"" },
        { "sum by (1) (a)", "1:9: parse error: unexpected number \"1\" in grouping opts, expected label" },
        { "sum by (a b) (c)", "1:11: parse error: unexpected identifier \"b\" in grouping opts, expected \",\" or \")\"" },
        { "sum by (without) (c)", "1:9: parse error: unexpected <without> in grouping opts, expected label" },
        { "sum by (\"\") (c)", "1:9: parse error: invalid label name for grouping: \"\"" },
        { "sum (a) by b", "1:12: parse error: unexpected identifier \"b\" in grouping opts, expected \"(\"" },
        { "sum by (a) b", "1:12: parse error: unexpected identifier \"b\" in aggregation" },
        { "sum(a b)", "1:7: parse error: unexpected identifier \"b\" in aggregation" },
        { "rate(a b)", "1:8: parse error: unexpected identifier \"b\"" },
        { "foo by (a)", "1:5: parse error: unexpected <by>" },
        { "a + group_left b", "1:5: parse error: unexpected <group_left>" },
        { "a * on(x) group_left ^ b", "1:22: parse error: unexpected <op:^> in grouping opts, expected \"(\"" },
        { "nosuch(1)", "1:1: parse error: unknown function with name \"nosuch\"" },
        { "abs(a,)", "1:6: parse error: trailing commas not allowed in function call args" },
        { "a and b c", "1:9: parse error: unexpected identifier \"c\"" },
        { "a\u00a0", "1:2: parse error: unexpected character: '\\u00a0'" },
        { "a 12345678901234", "1:3: parse error: unexpected number \"1234567890\"..." },
    };

    public static TheoryData<string, string> Types => new()
    {
        { "1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier" },
        { "1 + bool 1", "1:3: parse error: bool modifier can only be used on comparison operators" },
        { "1 and 1", "1:1: parse error: set operator \"and\" not allowed in binary scalar expression" },
        { "a or on(x) 1", "1:1: parse error: vector matching only allowed between instant vectors" },
        { "a or 1", "1:1: parse error: set operator \"or\" not allowed in binary scalar expression" },
        { "a and on(x) group_left b", "1:1: parse error: no grouping allowed for \"and\" operation" },
        { "a + on(x) group_left(x) b", "1:3: parse error: label \"x\" must not occur in ON and GROUP clause at once" },
        { "1 + \"a\"", "1:5: parse error: binary expression must contain only scalar and instant vector types" },
        { "a[5m] + b", "1:1: parse error: binary expression must contain only scalar and instant vector types" },
        { "-\"a\"", "1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got \"string\"" },
        { "-a[5m]", "1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got \"range vector\"" },
        { "1[5m:]", "1:1: parse error: subquery is only allowed on instant vector, got scalar instead" },
        { "a[5m][5m:]", "1:1: parse error: subquery is only allowed on instant vector, got matrix instead" },
        { "{}", "1:1: parse error: vector selector must contain at least one non-empty matcher" },
        { "rate({a=~\".*\"}[5m])", "1:6: parse error: vector selector must contain at least one non-empty matcher" },
        { "foo{__name__=\"bar\"}", "1:1: parse error: metric name must not be set twice: \"foo\" or \"bar\"" },
        { "foo{\"bar\"}", "1:1: parse error: metric name must not be set twice: \"foo\" or \"bar\"" },
        { "abs()", "1:1: parse error: expected 1 argument(s) in call to \"abs\", got 0" },
        { "label_join(a)", "1:1: parse error: expected at least 3 argument(s) in call to \"label_join\", got 1" },
        { "hour(a,b)", "1:1: parse error: expected at most 1 argument(s) in call to \"hour\", got 2" },
        { "abs(1)", "1:5: parse error: expected type instant vector in call to function \"abs\", got scalar" },
        { "rate(a)", "1:6: parse error: expected type range vector in call to function \"rate\", got instant vector" },
        { "label_replace(a, b, \"\", \"\", \"\")", "1:18: parse error: expected type string in call to function \"label_replace\", got instant vector" },
        { "sum(1)", "1:5: parse error: expected type instant vector in aggregation expression, got scalar" },
        { "topk(a, b)", "1:6: parse error: expected type scalar in aggregation parameter, got instant vector" },
        { "count_values(1, b)", "1:14: parse error: expected type string in aggregation parameter, got scalar" },
        { "info(a, b)", "1:9: parse error: expected label selectors only, got vector selector instead" },
        { "info(a, {x=\"y\"} == 1)", "1:9: parse error: expected label selectors only" },
        { "info(a, 1)", "1:1: parse error: expected type instant vector in call to function \"info\", got scalar" },
        { "a and fill(1) b", "1:1: parse error: filling in missing series not allowed for set operators" },
        { "a + fill(1) 1", "1:1: parse error: filling in missing series only allowed between instant vectors" },
        { "a[5m:] smoothed", "1:1: parse error: smoothed modifier is not supported for subqueries" },
        { "(a) anchored", "1:1: parse error: anchored modifier not implemented" },
        { "a anchored smoothed", "1:1: parse error: anchored and smoothed modifiers cannot be used together" },
    };

    [Theory]
    [MemberData(nameof(Syntax))]
    [MemberData(nameof(Types))]
    public void FailsWithPrometheusText_WhenQueryIsBad(string query, string message)
    {
        if (message.Length == 0)
        {
            PromQlParser.Parse(query, ParserOptions.All);
            return;
        }

        var e = Assert.Throws<ParseException>(() => PromQlParser.Parse(query, ParserOptions.All));
        Assert.Equal(message, e.Message);
    }

    [Theory]
    [InlineData("limitk(1, a)", "1:1: parse error: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions")]
    [InlineData("limit_ratio(1, a)", "1:1: parse error: limit_ratio() is experimental and must be enabled with --enable-feature=promql-experimental-functions")]
    [InlineData("mad_over_time(a[5m])", "1:1: parse error: function \"mad_over_time\" is not enabled")]
    [InlineData("start()", "1:1: parse error: function \"start\" is not enabled")]
    [InlineData("a anchored", "1:1: parse error: anchored modifier is experimental and not enabled")]
    [InlineData("a[5m] smoothed", "1:1: parse error: smoothed modifier is experimental and not enabled")]
    [InlineData("a + fill(1) b", "1:1: parse error: binop fill modifiers are experimental and not enabled")]
    public void Fails_WhenExperimentalPartIsOff(string query, string message)
    {
        Assert.Equal(message, Assert.Throws<ParseException>(() => PromQlParser.Parse(query, ParserOptions.Default)).Message);
        Assert.NotNull(PromQlParser.Parse(query, ParserOptions.All));
    }

    [Fact]
    public void LocatesErrorInBytes_WhenQueryIsNotAscii()
    {
        var e = Assert.Throws<ParseException>(() => PromQlParser.Parse("foo +\n{\"\u00fc\U0001F600\"} $", ParserOptions.Default));
        Assert.Equal((2, 12), (e.Line, e.Column));
        Assert.Equal("unexpected character: '$'", e.Text);
        Assert.Equal(14, e.Position.Start);
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("-", "")]
    [InlineData("1 + ", "")]
    [InlineData("abs(", ")")]
    [InlineData("sum(", ")")]
    [InlineData("2^", "")]
    public void Fails_WhenNestedTooDeep(string open, string close)
    {
        var query = string.Concat(Enumerable.Repeat(open, 100_000)) + "1" + string.Concat(Enumerable.Repeat(close, 100_000));
        var e = Assert.Throws<ParseException>(() => PromQlParser.Parse(query, ParserOptions.Default));
        Assert.Equal("expression is nested more than 1000 levels deep", e.Text);
    }

    [Fact]
    public void Fails_WhenDurationOrSubqueryIsNestedTooDeep()
    {
        var parens = "a[" + new string('(', 100_000) + "1" + new string(')', 100_000) + "]";
        var signs = "a offset " + new string('-', 100_000) + "1";
        var chain = "a[1" + string.Concat(Enumerable.Repeat("+1", 100_000)) + "]";
        var subqueries = "a" + string.Concat(Enumerable.Repeat("[5m:1m]", 100_000));
        foreach (var query in new[] { parens, signs, chain, subqueries })
        {
            var e = Assert.Throws<ParseException>(() => PromQlParser.Parse(query, ParserOptions.Default));
            Assert.Equal("expression is nested more than 1000 levels deep", e.Text);
        }
    }

    [Fact]
    public void Parses_WhenNestedJustBelowTheLimit()
    {
        var chain = "a" + string.Concat(Enumerable.Repeat(" + a", 990));
        var parens = new string('(', 990) + "a" + new string(')', 990);
        Assert.Equal(chain, ExprPrinter.Print(PromQlParser.Parse(chain, ParserOptions.Default)));
        Assert.Equal(parens, ExprPrinter.Print(PromQlParser.Parse(parens, ParserOptions.Default)));
    }
}
