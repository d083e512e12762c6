using System.Text.RegularExpressions;
using Deucalion.Node.Cli;
using Deucalion.PromQL.Parser;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Deucalion.Node.Tests.Operations;

public sealed partial class AlertsTests
{
    private const string Alerts = "deploy/alerts.yml";

    [Fact]
    public void NamesOnlyMetricsThatExist()
    {
        var names = MetricName().Matches(Repository.Text(Alerts) + Repository.Text("docs/operations.md")).Select(static m => m.Value).Distinct().ToList();
        Assert.True(names.Count > 10, $"only {names.Count} names found");
        Assert.All(names, static name => Assert.True(Repository.HasMetric(name), $"no source registers {name}"));
    }

    [Fact]
    public void HasARunbookSection_ForEachAlert()
    {
        var alerts = AlertName().Matches(Repository.Text(Alerts)).Select(static m => m.Groups[1].Value).ToList();
        var runbook = Repository.Text("docs/runbooks/README.md");
        Assert.True(alerts.Count > 5);
        Assert.All(alerts, alert => Assert.Contains($"## {alert}\n", runbook, StringComparison.Ordinal));
        var sections = Section().Matches(runbook).Select(static m => m.Groups[1].Value);
        Assert.All(sections, section => Assert.Contains(section, alerts));
    }

    [Fact]
    public void AsksInPromQl()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Repository.Text(Alerts)));
        var rules = ((YamlSequenceNode)stream.Documents[0].RootNode["groups"]).SelectMany(static g => (YamlSequenceNode)g["rules"]).ToList();
        Assert.True(rules.Count > 5);
        Assert.All(rules, static rule => PromQlParser.Parse(((YamlScalarNode)rule["expr"]).Value!, ParserOptions.Default));
    }

    [Fact]
    public async Task FireWhenTheyShould() => Assert.Equal(0, await CommandLine.RunAsync(["test", "rules", Repository.PathOf("deploy/alerts.test.yml")]));

    [GeneratedRegex(@"deucalion_[a-z_]+(?=[\[{`> ]|$)", RegexOptions.Multiline)]
    private static partial Regex MetricName();

    [GeneratedRegex(@"alert: (\w+)")]
    private static partial Regex AlertName();

    [GeneratedRegex(@"^## (Deucalion\w+)$", RegexOptions.Multiline)]
    private static partial Regex Section();
}
