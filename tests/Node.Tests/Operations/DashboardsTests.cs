using System.Text.Json;
using System.Text.RegularExpressions;
using Deucalion.PromQL.Parser;
using Xunit;

namespace Deucalion.Node.Tests.Operations;

public sealed partial class DashboardsTests
{
    private const string Folder = "deploy/grafana";

    public static TheoryData<string> Dashboards => new(Files);

    private static IEnumerable<string> Files => Directory.EnumerateFiles(Repository.PathOf(Folder), "*.json").Select(static f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void AsksOnlyForMetricsThatExist(string file)
    {
        var names = Expressions(file).SelectMany(static e => MetricName().Matches(e)).Select(static m => m.Value).Distinct().ToList();
        Assert.True(names.Count > 10, $"only {names.Count} names found");
        Assert.All(names, static name => Assert.True(Repository.HasMetric(name), $"no source registers {name}"));
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void AsksInPromQl(string file) => Assert.All(Expressions(file), static expression =>
        PromQlParser.Parse(expression.Replace("$__rate_interval", "5m", StringComparison.Ordinal), ParserOptions.Default));

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void LimitsEachQuestionToTheChosenNodes(string file) => Assert.All(Expressions(file), static expression =>
        Assert.Equal(MetricOrUp().Count(expression), Chosen().Count(expression)));

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void HasPanelsOfTheirOwnIds_TitledAndSideBySide(string file)
    {
        using var dashboard = Read(file);
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();
        Assert.True(panels.Count > 10);
        Assert.Equal(panels.Count, panels.Select(static p => p.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.All(panels, static panel => Assert.NotEqual(string.Empty, panel.GetProperty("title").GetString()));
        var taken = new HashSet<(int X, int Y)>();
        foreach (var place in panels.Select(static p => p.GetProperty("gridPos")))
        {
            var (x, y, w, h) = (place.GetProperty("x").GetInt32(), place.GetProperty("y").GetInt32(), place.GetProperty("w").GetInt32(), place.GetProperty("h").GetInt32());
            Assert.InRange(x + w, 1, 24);
            Assert.All(Enumerable.Range(0, w * h), cell => Assert.True(taken.Add((x + (cell % w), y + (cell / w))), $"two panels share a place at {x},{y}"));
        }
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void LetsTheViewerChooseTheDataSource(string file)
    {
        using var dashboard = Read(file);
        var variable = dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray().Single(static v => v.GetProperty("name").GetString() == "datasource");
        Assert.Equal("datasource", variable.GetProperty("type").GetString());
        Assert.Equal("prometheus", variable.GetProperty("query").GetString());
        var sources = Targets(dashboard).Concat(Panels(dashboard)).Select(static e => e.GetProperty("datasource").GetProperty("uid").GetString()).Distinct();
        Assert.Equal(["${datasource}"], sources);
    }

    [Fact]
    public void HaveUidsOfTheirOwn_LikeTheirFiles()
    {
        var files = Files.ToList();
        Assert.Equal(4, files.Count);
        Assert.All(files, static file =>
        {
            using var dashboard = Read(file);
            Assert.Equal(Path.GetFileNameWithoutExtension(file), dashboard.RootElement.GetProperty("uid").GetString());
        });
    }

    [GeneratedRegex("(?:deucalion|process)_[a-z_]+")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"(?:(?:deucalion|process)_[a-z_]+|\bup)\{")]
    private static partial Regex MetricOrUp();

    [GeneratedRegex("""\{job=~"\$job",instance=~"\$instance"[,}]""")]
    private static partial Regex Chosen();

    private static JsonDocument Read(string file) => JsonDocument.Parse(Repository.Text(Path.Combine(Folder, file)));

    private static List<JsonElement> Panels(JsonDocument dashboard) =>
        [.. dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(static p => p.GetProperty("type").GetString() != "row")];

    private static IEnumerable<JsonElement> Targets(JsonDocument dashboard) => Panels(dashboard).SelectMany(static p => p.GetProperty("targets").EnumerateArray());

    private static List<string> Expressions(string file)
    {
        using var dashboard = Read(file);
        return [.. Targets(dashboard).Select(static t => t.GetProperty("expr").GetString()!)];
    }
}
