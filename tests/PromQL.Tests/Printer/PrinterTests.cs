using Deucalion.PromQL.Parser;
using Deucalion.PromQL.Printer;
using Deucalion.PromQL.Tests.Parser;
using Xunit;

namespace Deucalion.PromQL.Tests.Printer;

public sealed class PrinterTests
{
    [Theory]
    [InlineData("sum(foo)by(a,b)", "sum by (a, b) (foo)")]
    [InlineData("sum by()(foo)", "sum(foo)")]
    [InlineData("sum without()(foo)", "sum without () (foo)")]
    [InlineData("topk by (\"a.b\")(5,foo)", "topk by (\"a.b\") (5, foo)")]
    [InlineData("a-on(x)group_left b", "a - on (x) group_left () b")]
    [InlineData("a-ignoring(x)b", "a - ignoring (x) b")]
    [InlineData("a-ignoring()b", "a - b")]
    [InlineData("a-on()b", "a - on () b")]
    [InlineData("a>bool 1e6", "a > bool 1000000")]
    [InlineData("a+fill(1e6)b", "a + fill (1e+06) b")]
    [InlineData("a+fill_right(1)fill_left(2)b", "a + fill_left (2) fill_right (1) b")]
    [InlineData("foo{b=\"1\",a='2'}", "foo{a=\"2\",b=\"1\"}")]
    [InlineData("{\"my.metric\",a=\"1\"}", "{__name__=\"my.metric\",a=\"1\"}")]
    [InlineData("{__name__=\"\",a=\"1\"}", "{__name__=\"\",a=\"1\"}")]
    [InlineData("foo offset 1h @ 1.5", "foo @ 1.500 offset 1h")]
    [InlineData("foo[5m] offset -90s @ end()", "foo[5m] @ end() offset -1m30s")]
    [InlineData("foo[300:60]", "foo[5m:1m]")]
    [InlineData("foo[5m:]@start()", "foo[5m:] @ start()")]
    [InlineData("foo anchored offset 5m", "foo anchored offset 5m")]
    [InlineData("foo[5m]smoothed @ 1", "foo[5m] smoothed @ 1.000")]
    [InlineData("foo[(5m)+step()*2]", "foo[(5m) + step() * 2]")]
    [InlineData("foo offset -min_of(1s,2)", "foo offset -min_of(1s, 2)")]
    [InlineData("-(1+2)", "-(1 + 2)")]
    [InlineData("+foo", "+foo")]
    [InlineData("1h30m", "1h30m")]
    [InlineData("-30s", "-30s")]
    [InlineData("1e-9", "0.000000001")]
    [InlineData("\"a\nb\u00fc\"", "")]
    [InlineData("`a\nb\u00fc\u200b`", "\"a\\nb\u00fc\\u200b\"")]
    [InlineData("label_replace(a,'b',\"$1\",`c`,'(.*)')", "label_replace(a, \"b\", \"$1\", \"c\", \"(.*)\")")]
    public void PrintsOneLine(string query, string expected)
    {
        if (expected.Length == 0)
        {
            Assert.Throws<ParseException>(() => PromQlParser.Parse(query, ParserOptions.All));
            return;
        }

        var expr = PromQlParser.Parse(query, ParserOptions.All);
        Assert.Equal(expected, ExprPrinter.Print(expr));
        Assert.Equal(TreeText.Of(expr), TreeText.Of(PromQlParser.Parse(expected, ParserOptions.All)));
    }

    [Theory]
    [InlineData("foo + bar", "foo + bar")]
    [InlineData(
        "sum by (job, instance) (rate(http_requests_total{job=\"api-server\",handler=\"/api/v1/query_range\"}[5m])) > 100",
        "  sum by (job, instance) (\n    rate(http_requests_total{handler=\"/api/v1/query_range\",job=\"api-server\"}[5m])\n  )\n>\n  100")]
    [InlineData(
        "histogram_quantile(0.99, sum by (le, job) (rate(a_rather_long_metric_name_for_a_request_duration_histogram_in_seconds_bucket{x=\"y\"}[5m])))",
        "histogram_quantile(\n  0.99,\n  sum by (le, job) (\n    rate(a_rather_long_metric_name_for_a_request_duration_histogram_in_seconds_bucket{x=\"y\"}[5m])\n  )\n)")]
    [InlineData(
        "topk(10, a_rather_long_metric_name_for_a_line_of_one_hundred_characters + on (instance, job) group_left (version) info_metric_name)",
        "topk(\n  10,\n    a_rather_long_metric_name_for_a_line_of_one_hundred_characters\n  + on (instance, job) group_left (version)\n    info_metric_name\n)")]
    [InlineData(
        "-(a_rather_long_metric_name_for_a_line_of_one_hundred_characters / another_rather_long_metric_name_for_a_line)",
        "-(\n    a_rather_long_metric_name_for_a_line_of_one_hundred_characters\n  /\n    another_rather_long_metric_name_for_a_line\n)")]
    public void PrintsLines_WhenTooLong(string query, string expected) =>
        Assert.Equal(expected, PrettyPrinter.Print(PromQlParser.Parse(query, ParserOptions.All)));

    [Theory]
    [InlineData("1", """{"type":"numberLiteral","val":"1"}""")]
    [InlineData("\"x\"", """{"type":"stringLiteral","val":"x"}""")]
    [InlineData("-(a)", """{"expr":{"expr":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"a"}],"name":"a","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"type":"parenExpr"},"op":"-","type":"unaryExpr"}""")]
    [InlineData("{a!=\"\"}[5m] @ end() offset (1)", """{"anchored":false,"matchers":[{"name":"a","type":"!=","value":""}],"name":"","offset":0,"offsetExpr":{"lhs":null,"op":"+","rhs":{"duration":false,"type":"numberLiteral","val":"1"},"type":"durationExpr","wrapped":true},"range":300000,"rangeExpr":null,"smoothed":false,"startOrEnd":"end","timestamp":null,"type":"matrixSelector"}""")]
    [InlineData("pi() == bool time()", """{"bool":true,"lhs":{"args":[],"func":{"argTypes":[],"name":"pi","returnType":"scalar","variadic":0},"type":"call"},"matching":null,"op":"==","rhs":{"args":[],"func":{"argTypes":[],"name":"time","returnType":"scalar","variadic":0},"type":"call"},"type":"binaryExpr"}""")]
    [InlineData("sum by (x) (count_values(\"v\", a and on (z) b))", """{"expr":{"expr":{"bool":false,"lhs":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"a"}],"name":"a","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"matching":{"card":"many-to-many","fillValues":{"lhs":null,"rhs":null},"include":[],"labels":["z"],"on":true},"op":"and","rhs":{"anchored":false,"matchers":[{"name":"__name__","type":"=","value":"b"}],"name":"b","offset":0,"offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":null,"type":"vectorSelector"},"type":"binaryExpr"},"grouping":[],"op":"count_values","param":{"type":"stringLiteral","val":"v"},"type":"aggregation","without":false},"grouping":["x"],"op":"sum","param":null,"type":"aggregation","without":false}""")]
    public void WritesParseTree(string query, string expected) =>
        Assert.Equal(expected, TreeText.Json(PromQlParser.Parse(query, ParserOptions.All)));
}
