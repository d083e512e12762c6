using Deucalion.PromQL.Parser;
using Deucalion.Ruler.Groups;
using Xunit;

namespace Deucalion.Ruler.Tests.Groups;

public sealed class RuleFileReaderTests
{
    [Fact]
    public void ReadsAllKeys_WhenFileIsValid()
    {
        var group = Assert.Single(RuleFileReader.Read(
            "f.yml",
            """
            groups:
              - name: g
                interval: 30s
                query_offset: 10s
                limit: 5
                labels: {a: b}
                rules:
                  - {record: "r:x", expr: sum(m), labels: {c: d, e: ""}}
                  - {alert: A, expr: m > 1, for: 1m, keep_firing_for: 2m, annotations: {s: "{{ $value }}"}}
            """,
            new ParserOptions()));
        Assert.Equal(("g", "f.yml", 30_000L, 10_000L, 5), (group.Name, group.File, group.Interval, group.QueryOffset, group.Limit));
        Assert.Equal([("a", "b"), ("c", "d"), ("e", "")], group.Rules[0].Labels.Select(static l => (l.Key, l.Value)));
        Assert.Equal((true, 60_000L, 120_000L, "{{ $value }}"), (group.Rules[1].IsAlert, group.Rules[1].For, group.Rules[1].KeepFiringFor, group.Rules[1].Annotations["s"]));
    }

    [Theory]
    [InlineData("{expr: m}", "one of 'record' or 'alert' must be set")]
    [InlineData("{record: a, alert: b, expr: m}", "only one of 'record' and 'alert' must be set")]
    [InlineData("{record: a}", "field 'expr' must be set in rule")]
    [InlineData("{record: a, expr: 'sum('}", "could not parse expression: 1:5: parse error")]
    [InlineData("{record: a, expr: m, for: 1m}", "invalid field 'for'")]
    [InlineData("{record: a, expr: m, annotations: {a: b}}", "invalid field 'annotations' in recording rule")]
    [InlineData("{alert: a, expr: m, annotations: {a: '{{ nope }}'}}", "function \"nope\" not defined")]
    [InlineData("{alert: a, expr: m, for: soon}", "not a valid duration")]
    [InlineData("{alert: a, expr: m, what: 1}", "field what not found in rulefmt.Rule")]
    public void Throws_WhenRuleIsNotValid(string rule, string message)
    {
        var e = Assert.Throws<RuleFileException>(() => RuleFileReader.Read("f", $"groups:\n  - name: g\n    rules:\n      - {rule}\n", new ParserOptions()));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.StartsWith("line 4:", e.Message, StringComparison.Ordinal);
    }
}
