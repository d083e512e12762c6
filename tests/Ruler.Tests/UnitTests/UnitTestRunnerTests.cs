using System.Text.RegularExpressions;
using Deucalion.PromQL.Engine;
using Deucalion.Ruler.UnitTests;
using Xunit;

namespace Deucalion.Ruler.Tests.UnitTests;

public sealed class UnitTestRunnerTests
{
    private static readonly string Data = Path.Combine(AppContext.BaseDirectory, "testdata", "promtool-unittest");

    private static async Task<IReadOnlyList<string>> RunAsync(string file, Regex? run = null) =>
        await new UnitTestRunner(new EngineOptions(), run, File.ReadAllText, static path => File.Exists(path) ? [path] : [])
            .RunAsync(Path.Combine(Data, file), static _ => { }, TestContext.Current.CancellationToken);

    private static async Task<IReadOnlyList<string>> RunAsync(string rules, string tests, List<string>? warnings = null)
    {
        var files = new Dictionary<string, string> { ["t/tests.yml"] = tests, [Path.Combine("t", "rules.yml")] = rules };
        return await new UnitTestRunner(new EngineOptions(), null, path => files[path], path => files.ContainsKey(path) ? [path] : [])
            .RunAsync("t/tests.yml", text => warnings?.Add(text), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("at-modifier-test.yml")]
    [InlineData("long-period.yml")]
    [InlineData("negative-offset-test.yml")]
    [InlineData("start-time-test.yml")]
    [InlineData("unittest.yml")]
    public async Task Passes_WhenFileIsOfPrometheus(string file) => Assert.Empty(await RunAsync(file));

    [Fact]
    public async Task FailsWithTheTextsOfPromtool_WhenFileFails()
    {
        var failures = await RunAsync("failing.yml");
        Assert.Equal(
            [
                "    name: Failing test,\n    alertname: Test, time: 0s, \n        exp:[\n            0:\n              Labels:{alertname=\"Test\"}\n              Annotations:{}\n            ], \n        got:[]",
                "    expr: \"test\", time: 0s,\n        exp: {__name__=\"test\"} 1E+00\n        got: {__name__=\"test\"} 0E+00",
                "    name: Failing alert test,\n    alertname: InstanceDown, time: 5m, \n        exp:[], \n        got:[\n            0:\n              Labels:{alertname=\"InstanceDown\", job=\"test\", severity=\"page\"}\n              Annotations:{description=\" of job test has been down for more than 5 minutes.\", summary=\"Instance  down\"}\n            ]",
                "    name: Failing alert test,\n    alertname: AlwaysFiring, time: 5m, \n        exp:[], \n        got:[\n            0:\n              Labels:{alertname=\"AlwaysFiring\"}\n              Annotations:{}\n            ]",
            ],
            failures);
    }

    [Fact]
    public async Task RunsOnlyWhatMatches_WhenNamesAreGiven() =>
        Assert.Equal(2, (await RunAsync("failing.yml", new Regex("^Failing test$"))).Count);

    [Fact]
    public async Task FollowsTheAlert_WhenItPendsFiresKeepsFiringAndEnds()
    {
        const string Rules = """
            groups:
              - name: g
                labels: {team: a, severity: low}
                rules:
                  - alert: High
                    expr: m > 5
                    for: 2m
                    keep_firing_for: 3m
                    labels: {severity: "{{ if gt $value 8.0 }}page{{ else }}mail{{ end }}"}
                    annotations: {text: "{{ $labels.job }} has {{ $value | humanize }}, of {{ with query \"sum(m)\" }}{{ . | first | value }}{{ end }}"}
            """;
        static string Check(string time, string alerts) => $"      - {{eval_time: {time}, alertname: High, exp_alerts: [{alerts}]}}\n";
        static string Alert(string severity, string text) =>
            $"{{exp_labels: {{job: x, severity: {severity}, team: a}}, exp_annotations: {{text: \"{text}\"}}}}";
        var tests = "rule_files: [rules.yml]\ntests:\n  - input_series:\n      - {series: 'm{job=\"x\"}', values: '0 7 7 7 1 1 1 1 1 9x5'}\n    alert_rule_test:\n"
            + Check("2m", string.Empty) + Check("3m", Alert("mail", "x has 7, of 7")) + Check("6m", Alert("mail", "x has 7, of 7"))
            + Check("7m", string.Empty) + Check("10m", string.Empty) + Check("11m30s", Alert("page", "x has 9, of 9"))
            + "    promql_expr_test:\n"
            + "      - {expr: 'ALERTS{alertstate=\"pending\"}', eval_time: 2m, exp_samples: [{labels: 'ALERTS{alertname=\"High\",alertstate=\"pending\",job=\"x\",severity=\"mail\",team=\"a\"}', value: 1}]}\n"
            + "      - {expr: 'ALERTS_FOR_STATE', eval_time: 6m, exp_samples: [{labels: 'ALERTS_FOR_STATE{alertname=\"High\",job=\"x\",severity=\"mail\",team=\"a\"}', value: 60}]}\n"
            + "      - {expr: 'ALERTS', eval_time: 7m, exp_samples: []}\n";
        Assert.Empty(await RunAsync(Rules, tests));
    }

    [Fact]
    public async Task SeesEarlierGroups_WhenOrderIsGiven()
    {
        const string Rules = """
            groups:
              - {name: b, rules: [{record: second, expr: first + 1}]}
              - {name: a, rules: [{record: first, expr: m * 2, labels: {k: v, gone: ""}}]}
            """;
        const string Tests = """
            rule_files: [rules.yml, missing.yml]
            group_eval_order: [a, b]
            fuzzy_compare: true
            tests:
              - interval: 30s
                input_series: [{series: 'm{gone="x"}', values: 1+1x10}]
                promql_expr_test:
                  - {expr: second, eval_time: 1m, exp_samples: [{labels: 'second{k="v"}', value: 7.000000000000001}]}
                  - {expr: 1 + 1, eval_time: 1m, exp_samples: [{value: 2}]}
                  - {expr: m, eval_time: 1m, exp_samples: [{labels: 'bad{', value: 1}]}
                  - {expr: 'm[1m]', eval_time: 1m, exp_samples: []}
            """;
        var warnings = new List<string>();
        var failures = await RunAsync(Rules, Tests, warnings);
        Assert.Equal(
            [
                "    expr: \"m\", time: 1m, err: labels \"bad{\": 1:5: parse error: unexpected end of input inside braces",
                "    expr: \"m[1m]\", time: 1m, err: rule result is not a vector or scalar",
            ],
            failures);
        Assert.Contains("no file match pattern", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{record: r, expr: m / on () m}", "rule: r, time: 0s, err: ")]
    [InlineData("{record: r, expr: sum by (a) (m), labels: {a: same}}", "vector contains metrics with the same labelset after applying rule labels")]
    [InlineData("{alert: r, expr: m, labels: {a: same}}", "vector contains metrics with the same labelset after applying alert labels")]
    public async Task StopsTheTest_WhenARuleFails(string rule, string message)
    {
        var failures = await RunAsync(
            $"groups: [{{name: g, rules: [{rule}]}}]",
            "rule_files: [rules.yml]\ntests: [{input_series: [{series: 'm{a=\"1\"}', values: 1}, {series: 'm{a=\"2\"}', values: 1}], promql_expr_test: [{expr: x, eval_time: 5m, exp_samples: [{value: 1}]}]}]");
        Assert.Contains(message, Assert.Single(failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tests: [{unknown: 1}]", "field unknown not found in main.testGroup")]
    [InlineData("tests: [{alert_rule_test: [{eval_time: 1m}]}]", "misses required attribute alertname at eval_time 1m")]
    [InlineData("group_eval_order: [a, a]", "group name repeated in evaluation order: a")]
    [InlineData("tests: [{input_series: [{series: m, values: bad}]}]", "bad")]
    [InlineData("a: [", "yaml: line ")]
    public async Task SaysWhatIsWrong_WhenFileIsNotValid(string tests, string message) =>
        Assert.Contains(message, Assert.Single(await RunAsync(string.Empty, tests)), StringComparison.Ordinal);
}
