using System.Globalization;
using Deucalion.Common.Labels;
using Deucalion.Common.Text;
using Deucalion.Ruler.Groups;
using YamlDotNet.RepresentationModel;

namespace Deucalion.Ruler.UnitTests;

/// <summary>Reads files of unit tests of rules strictly.</summary>
internal static class UnitTestFileReader
{
    private const long DefaultInterval = 60_000;

    /// <exception cref="RuleFileException">The text is not a valid file of tests.</exception>
    public static UnitTestFile Read(string text)
    {
        var top = StrictMapping.Load(text);
        var interval = top.Duration("evaluation_interval");
        interval = interval == 0 ? DefaultInterval : interval;
        var file = new UnitTestFile(
            [.. top.List("rule_files").Select(StrictMapping.Scalar)],
            interval,
            [.. top.List("group_eval_order").Select(StrictMapping.Scalar)],
            [.. top.List("tests").Select(node => ReadGroup(node, interval))],
            top.Flag("fuzzy_compare"));
        top.Finish("main.unitTestFile");
        return file;
    }

    private static UnitTestGroup ReadGroup(YamlNode node, long evaluationInterval)
    {
        var map = new StrictMapping(node);
        var interval = map.Duration("interval");
        var group = new UnitTestGroup
        {
            Name = map.Text("name"),
            Interval = interval == 0 ? evaluationInterval : interval,
            StartTimestamp = StartTime(map, map.Text("start_timestamp")),
            InputSeries = [.. map.List("input_series").Select(ReadSeries)],
            AlertTests = [.. map.List("alert_rule_test").Select(ReadAlertTest)],
            ExpressionTests = [.. map.List("promql_expr_test").Select(ReadExpressionTest)],
            ExternalLabels = Build(map.Texts("external_labels")),
            ExternalUrl = map.Text("external_url"),
        };
        map.Finish("main.testGroup");
        return group;
    }

    private static long StartTime(StrictMapping map, string text)
    {
        if (text.Length == 0)
        {
            return 0;
        }

        return GoNumber.TryParseFloat(text, out var seconds) ? (long)Math.Round(seconds * 1000)
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUnixTimeMilliseconds()
            : throw map.Error($"cannot parse {LabelText.Quote(text)} to a valid timestamp");
    }

    private static (string Series, string Values) ReadSeries(YamlNode node)
    {
        var map = new StrictMapping(node);
        var series = (map.Text("series"), map.Text("values"));
        map.Finish("main.series");
        return series;
    }

    private static AlertTestCase ReadAlertTest(YamlNode node)
    {
        var map = new StrictMapping(node);
        var name = map.Text("alertname");
        var expected = new List<(Labels, Labels)>();
        foreach (var item in map.List("exp_alerts"))
        {
            var alert = new StrictMapping(item);
            var labels = alert.Texts("exp_labels") ?? [];
            labels["alertname"] = name;
            expected.Add((Build(labels), Build(alert.Texts("exp_annotations"))));
            alert.Finish("main.alert");
        }

        var test = new AlertTestCase(map.Duration("eval_time"), name, expected);
        map.Finish("main.alertTestCase");
        return test;
    }

    private static ExpressionTestCase ReadExpressionTest(YamlNode node)
    {
        var map = new StrictMapping(node);
        var expected = new List<(string, double, string)>();
        foreach (var item in map.List("exp_samples"))
        {
            var sample = new StrictMapping(item);
            expected.Add((sample.Text("labels"), sample.Number("value"), sample.Text("histogram")));
            sample.Finish("main.sample");
        }

        var test = new ExpressionTestCase(map.Text("expr"), map.Duration("eval_time"), expected);
        map.Finish("main.promqlTestCase");
        return test;
    }

    private static Labels Build(Dictionary<string, string>? texts)
    {
        var labels = new LabelsBuilder();
        foreach (var (name, value) in texts ?? [])
        {
            labels.Set(name, value);
        }

        return labels.Build();
    }
}
