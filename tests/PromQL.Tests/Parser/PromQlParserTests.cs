using Deucalion.Common.Labels;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Parser;
using Deucalion.PromQL.Printer;
using Xunit;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.PromQL.Tests.Parser;

public sealed class PromQlParserTests
{
    [Theory]
    [InlineData("1", 1, false)]
    [InlineData("-1", -1, false)]
    [InlineData("--1", 1, false)]
    [InlineData("0x1F", 31, false)]
    [InlineData("010", 8, false)]
    [InlineData("08", 8, false)]
    [InlineData("1_000_000", 1_000_000, false)]
    [InlineData("1_0.5_0e1_0", 105_000_000_000, false)]
    [InlineData(".5", 0.5, false)]
    [InlineData("5.", 5, false)]
    [InlineData("1e-3", 0.001, false)]
    [InlineData("INF", double.PositiveInfinity, false)]
    [InlineData("-inf", double.NegativeInfinity, false)]
    [InlineData("nAn", double.NaN, false)]
    [InlineData("1h30m", 5400, true)]
    [InlineData("-500ms", -0.5, true)]
    [InlineData("9223372036854775807", 9223372036854775807, false)]
    public void ReadsNumbers(string query, double value, bool isDuration)
    {
        var number = Assert.IsType<NumberLiteral>(Parse(query));
        Assert.Equal(value, number.Value);
        Assert.Equal(isDuration, number.IsDuration);
    }

    [Theory]
    [InlineData("\"a\\n\\t\\\"\\\\\"", "a\n\t\"\\")]
    [InlineData("'a\\'\"'", "a'\"")]
    [InlineData("`a\\n\"`", "a\\n\"")]
    [InlineData("\"\\x41\\102\\u00e9\\U0001F600\"", "AB\u00e9\U0001F600")]
    [InlineData("\"\\xc3\\xa9\"", "\u00e9")]
    [InlineData("\"\"", "")]
    public void ReadsStrings(string query, string value) => Assert.Equal(value, Assert.IsType<StringLiteral>(Parse(query)).Value);

    [Fact]
    public void KeepsStrayBytes()
    {
        var text = Assert.IsType<StringLiteral>(Parse("\"a\\xc5z\\xc3\\xa9\""));
        Assert.Equal("a\uDCC5z\u00e9", text.Value);
        Assert.Equal("\"a\\xc5z\u00e9\"", ExprPrinter.Print(text));
        Assert.False(LabelText.IsValidName(text.Value));
        Assert.Equal("1:9: parse error: invalid label name for grouping: \"\\xff\"", Assert.Throws<ParseException>(() => Parse("sum by (\"\\xff\") (a)")).Message);
        Assert.Equal("1:3: parse error: error parsing regexp: invalid UTF-8: `\uDCFF`", Assert.Throws<ParseException>(() => Parse("a{b=~\"\\xff\"}")).Message);
    }

    [Theory]
    [InlineData("a or b and c", "a|(b&c)")]
    [InlineData("a + b * c ^ d", "a+(b*(c^d))")]
    [InlineData("a ^ b ^ c", "a^(b^c)")]
    [InlineData("a - b - c", "(a-b)-c")]
    [InlineData("a == b != c", "(a==b)!=c")]
    [InlineData("-a ^ b", "-(a^b)")]
    [InlineData("-a * b", "(-a)*b")]
    [InlineData("a ^ -b ^ c", "a^(-(b^c))")]
    [InlineData("a ^ -b * c", "(a^(-b))*c")]
    [InlineData("a % b atan2 c", "(a%b)atan2c")]
    [InlineData("a and b unless c", "(a&b)unlessc")]
    [InlineData("a </ 1 + b", "a</(1+b)")]
    [InlineData("a >/ 2 < 3", "(a>/2)<3")]
    [InlineData("sum(a) / sum(b)", "sum/sum")]
    public void BindsOperators(string query, string shape) => Assert.Equal(shape, Shape(Parse(query)));

    [Theory]
    [InlineData("x offset 100 + 2", "Add", 100_000)]
    [InlineData("x offset -2 ^ 2", "Pow", -2_000)]
    [InlineData("x offset +(1m) + 2", "Add", 0)]
    [InlineData("x offset step() * 2", "Mul", 0)]
    public void EndsOffset_BeforeOperator(string query, string op, long offset)
    {
        var binary = Assert.IsType<BinaryExpr>(Parse(query));
        Assert.Equal(op, binary.Op.ToString());
        Assert.Equal(offset, Assert.IsType<VectorSelector>(binary.Left).Modifiers.Offset);
        Assert.Equal(query, ExprPrinter.Print(binary).Replace("1m40s", "100", StringComparison.Ordinal).Replace("-2s", "-2", StringComparison.Ordinal));
    }

    [Fact]
    public void TakesOperatorsIntoOffset_WhenItStartsWithParenthesis()
    {
        var selector = Assert.IsType<VectorSelector>(Parse("x offset (1m) + 2"));
        Assert.Equal(DurationOp.Add, selector.Modifiers.OffsetExpr!.Op);
    }

    [Theory]
    [InlineData("foo offset 5m @ 10")]
    [InlineData("foo @ 10 offset 5m")]
    public void ReadsModifiers_InBothOrders(string query)
    {
        var selector = Assert.IsType<VectorSelector>(Parse(query));
        Assert.Equal(new TimeModifiers { Offset = 300_000, At = AtKind.Timestamp, AtTimestamp = 10_000 }, selector.Modifiers);
    }

    [Theory]
    [InlineData("foo @ start()", AtKind.Start, 0)]
    [InlineData("foo @ END ( )", AtKind.End, 0)]
    [InlineData("foo @ -1.2345", AtKind.Timestamp, -1235)]
    [InlineData("foo @ 1m", AtKind.Timestamp, 60_000)]
    [InlineData("foo[5m] @ 0x10", AtKind.Timestamp, 16_000)]
    [InlineData("foo[5m:1m] @ 1", AtKind.Timestamp, 1000)]
    public void ReadsAt(string query, AtKind kind, long timestamp)
    {
        var modifiers = Parse(query) switch
        {
            VectorSelector s => s.Modifiers,
            MatrixSelector m => m.Selector.Modifiers,
            SubqueryExpr q => q.Modifiers,
            _ => throw new InvalidOperationException(),
        };
        Assert.Equal((kind, timestamp), (modifiers.At, modifiers.AtTimestamp));
    }

    [Theory]
    [InlineData("foo{a=\"1\",b!=\"2\",c=~\"3\",d!~\"4\",}", "foo", "a=\"1\" b!=\"2\" c=~\"3\" d!~\"4\" __name__=\"foo\"")]
    [InlineData("{\"my.metric\",\"my label\"=\"x\"}", "", "__name__=\"my.metric\" \"my label\"=\"x\"")]
    [InlineData("{'a'=`b`}", "", "a=\"b\"")]
    [InlineData("a:b:c{on=\"x\",sum='y'}", "a:b:c", "on=\"x\" sum=\"y\" __name__=\"a:b:c\"")]
    [InlineData("foo { # comment }\n a = \"#\" } # end", "foo", "a=\"#\" __name__=\"foo\"")]
    public void ReadsMatchers(string query, string name, string matchers)
    {
        var selector = Assert.IsType<VectorSelector>(Parse(query));
        Assert.Equal(name, selector.Name);
        Assert.Equal(matchers, string.Join(' ', selector.Matchers));
    }

    [Fact]
    public void AllowsKeywordsAsMetricNames()
    {
        foreach (var word in "sum avg count min max group stddev stdvar topk bottomk count_values quantile limitk limit_ratio and or unless by without "
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Concat("offset anchored smoothed fill fill_left fill_right start end step range max_of min_of SUM".Split(' ')))
        {
            Assert.Equal(word, Assert.IsType<VectorSelector>(Parse(word)).Name);
            Assert.Equal(word, Assert.IsType<VectorSelector>(Parse(word + "{a=\"b\"}")).Name);
        }

        foreach (var word in "bool on ignoring group_left group_right atan2".Split(' '))
        {
            Assert.Throws<ParseException>(() => Parse(word));
        }
    }

    [Fact]
    public void AllowsKeywordsAsGroupingLabels()
    {
        var e = Assert.IsType<AggregateExpr>(Parse("sum by (on, bool, by, offset, atan2, group_left, and, start, a:b, \"x.y\",) (foo)"));
        Assert.Equal(["on", "bool", "by", "offset", "atan2", "group_left", "and", "start", "a:b", "x.y"], e.Grouping);
    }

    [Fact]
    public void ReadsMatching()
    {
        var e = Assert.IsType<BinaryExpr>(Parse("a == bool on(x, y) group_left(z) fill_left(-1) fill_right(2m) b"));
        Assert.True(e.ReturnBool);
        Assert.Equal(MatchCardinality.ManyToOne, e.Matching!.Cardinality);
        Assert.True(e.Matching.On);
        Assert.Equal(["x", "y"], e.Matching.Labels);
        Assert.Equal(["z"], e.Matching.Include);
        Assert.Equal((-1.0, 120.0), (e.Matching.FillLeft!.Value, e.Matching.FillRight!.Value));
        Assert.Equal(MatchCardinality.ManyToMany, Assert.IsType<BinaryExpr>(Parse("a and b")).Matching!.Cardinality);
        Assert.Null(Assert.IsType<BinaryExpr>(Parse("a + 1")).Matching);
        Assert.Equal(MatchCardinality.OneToMany, Assert.IsType<BinaryExpr>(Parse("a * ignoring() group_right b")).Matching!.Cardinality);
    }

    [Fact]
    public void ReadsRangesAndSubqueries()
    {
        var matrix = Assert.IsType<MatrixSelector>(Parse("foo[90s] offset -1h"));
        Assert.Equal((90_000, -3_600_000), (matrix.Range, matrix.Selector.Modifiers.Offset));
        Assert.Equal(1500, Assert.IsType<MatrixSelector>(Parse("foo[1.5]")).Range);
        var subquery = Assert.IsType<SubqueryExpr>(Parse("rate(foo[5m])[1h:30s] offset 1d"));
        Assert.Equal((3_600_000, 30_000, 86_400_000), (subquery.Range, subquery.Step, subquery.Modifiers.Offset));
        Assert.Equal(0, Assert.IsType<SubqueryExpr>(Parse("foo[1h:]")).Step);
    }

    [Fact]
    public void ReadsExtendedSelectors()
    {
        Assert.True(Assert.IsType<VectorSelector>(Parse("foo smoothed")).Smoothed);
        Assert.True(Assert.IsType<MatrixSelector>(Parse("foo[5m] anchored offset 1m")).Selector.Anchored);
        Assert.True(Assert.IsType<MatrixSelector>(Parse("foo anchored[5m]")).Selector.Anchored);
    }

    [Fact]
    public void PlacesNodes()
    {
        var e = Assert.IsType<BinaryExpr>(Parse("  sum(rate(foo{a=\"b\"}[5m] offset 1m)) by (x) + -bar"));
        Assert.Equal(new PositionRange(2, 44), e.Left.Position);
        var call = Assert.IsType<CallExpr>(Assert.IsType<AggregateExpr>(e.Left).Inner);
        Assert.Equal(new PositionRange(6, 36), call.Position);
        var matrix = Assert.IsType<MatrixSelector>(call.Arguments[0]);
        Assert.Equal(new PositionRange(11, 35), matrix.Position);
        Assert.Equal(new PositionRange(11, 21), matrix.Selector.Position);
        Assert.Equal(new PositionRange(47, 51), e.Right.Position);
    }

    [Theory]
    [InlineData("foo", "__name__=\"foo\"")]
    [InlineData("{a=\"b\"}", "a=\"b\"")]
    [InlineData("sum{a=~\"b.*\"}", "a=~\"b.*\" __name__=\"sum\"")]
    [InlineData("{}", "")]
    public void ReadsMetricSelectors(string selector, string matchers) =>
        Assert.Equal(matchers, string.Join(' ', PromQlParser.ParseMetricSelector(selector)));

    [Theory]
    [InlineData("", "unknown position: parse error: unexpected end of input")]
    [InlineData("foo[5m]", "1:4: parse error: unexpected \"[\"")]
    [InlineData("foo offset 5m", "1:5: parse error: unexpected <offset>")]
    [InlineData("sum(foo)", "1:4: parse error: unexpected \"(\"")]
    [InlineData("1", "1:1: parse error: unexpected number \"1\"")]
    public void RefusesMetricSelectors(string selector, string message) =>
        Assert.Equal(message, Assert.Throws<ParseException>(() => PromQlParser.ParseMetricSelector(selector)).Message);

    [Fact]
    public void KeepsMatcherTypes()
    {
        var matchers = PromQlParser.ParseMetricSelector("{a!~\"x\"}");
        Assert.Equal(MatchType.NotRegex, Assert.Single(matchers).Type);
        Assert.Equal(Labels.MetricName, PromQlParser.ParseMetricSelector("x")[0].Name);
    }

    private static Expr Parse(string query) => PromQlParser.Parse(query, ParserOptions.All);

    private static string Shape(Expr expr) => expr switch
    {
        VectorSelector s => s.Name,
        NumberLiteral n => ExprPrinter.Print(n),
        UnaryExpr u => "-" + Grouped(u.Inner),
        BinaryExpr b => Grouped(b.Left)
            + b.Op switch { BinaryOp.And => "&", BinaryOp.Or => "|", _ => OperatorText.Of(b.Op) }
            + Grouped(b.Right),
        AggregateExpr a => OperatorText.Of(a.Op),
        _ => throw new InvalidOperationException(),
    };

    private static string Grouped(Expr expr) => expr is BinaryExpr or UnaryExpr ? $"({Shape(expr)})" : Shape(expr);
}
