using System.Text.RegularExpressions;
using Deucalion.Node.Configuration;
using Deucalion.Node.Tests.Operations;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Deucalion.Node.Tests.Packaging;

public sealed partial class ComposeTests
{
    private const string Folder = "deploy/compose";
    private static readonly string[] Nodes = ["node1", "node2", "node3"];

    private static YamlNode Services => YamlText.Read(Repository.Text($"{Folder}/compose.yml"))["services"];

    [Fact]
    public void ConfiguresThreeNodesInThreeZones()
    {
        var all = Nodes.Select(OptionsOf).ToList();
        Assert.Equal(3, all.Select(static o => o.ClusterZone).Distinct().Count());
        Assert.Equal(3, all.Select(static o => o.DataPath).Distinct().Count());
        Assert.Single(all.Select(static o => (o.BucketPath, o.CoordinationPath, o.CoordinationKind, o.BucketKind)).Distinct());
        Assert.All(Nodes, static node =>
        {
            var options = OptionsOf(node);
            Assert.Equal($"{node}{options.ClusterListen}", options.ClusterAdvertise);
            Assert.Equal(node, Services.TextAt(node, "hostname"));
            Assert.All(new[] { options.DataPath, options.BucketPath, options.CoordinationPath }, static path => Assert.StartsWith("/data/", path, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void RunsNodesWithoutRights_OverAReadOnlyRoot()
    {
        Assert.All(Nodes, static node =>
        {
            Assert.Equal("true", Services.TextAt(node, "read_only"));
            Assert.Contains("data:/data", Services.ItemsAt(node, "volumes").Select(static v => v.ToString()));
            Assert.Equal("60s", Services.TextAt(node, "stop_grace_period"));
            Assert.Equal(["ALL"], Services.ItemsAt(node, "cap_drop").Select(static v => v.ToString()));
        });
        Assert.Equal("deploy/Containerfile", Services.TextAt("node1", "build", "dockerfile"));
    }

    [Fact]
    public void MountsOnlyFilesThatAreThere()
    {
        var mounts = ((YamlMappingNode)Services).Children.Values.Where(static s => s.Has("volumes")).SelectMany(static s => s.ItemsAt("volumes"))
            .Select(static v => v.ToString().Split(':')[0]).Where(static source => source.StartsWith('.')).ToList();
        Assert.True(mounts.Count > 5);
        Assert.All(mounts, static source => Assert.True(Path.Exists(Repository.PathOf(Path.Combine(Folder, source))), $"{source} is missing"));
    }

    [Fact]
    public void ReachesEachNode_ThroughProxyAndPrometheus()
    {
        var http = OptionsOf("node1").HttpListen;
        var expected = Nodes.Select(node => node + http);
        Assert.Equal(expected, Server().Matches(Repository.Text($"{Folder}/haproxy.cfg")).Select(static m => m.Groups[1].Value));
        var prometheus = YamlText.Read(Repository.Text($"{Folder}/prometheus.yml"));
        Assert.Equal(expected, prometheus.ItemsAt("scrape_configs", 0, "static_configs", 0, "targets").Select(static t => t.ToString()));

        // The alert DeucalionDown and the dashboards go by this name.
        Assert.Equal("deucalion", prometheus.TextAt("scrape_configs", 0, "job_name"));
        Assert.Equal("http://proxy:9009/api/v1/push", prometheus.TextAt("remote_write", 0, "url"));
    }

    [Fact]
    public void ShowsTheDashboards_OfItsDataSource()
    {
        var source = YamlText.Read(Repository.Text($"{Folder}/grafana/provisioning/datasources/deucalion.yml")).At("datasources", 0);
        Assert.Equal(("prometheus", "http://proxy:9009"), (source.TextAt("type"), source.TextAt("url")));
        var provider = YamlText.Read(Repository.Text($"{Folder}/grafana/provisioning/dashboards/deucalion.yml")).At("providers", 0);
        Assert.Contains($"../grafana:{provider.TextAt("options", "path")}:ro", Services.ItemsAt("grafana", "volumes").Select(static v => v.ToString()));
        var home = Services.TextAt("grafana", "environment", "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH");
        Assert.True(File.Exists(Repository.PathOf(home.Replace(provider.TextAt("options", "path"), "deploy/grafana", StringComparison.Ordinal))));
    }

    [GeneratedRegex(@"^  server \w+ (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Server();

    private static NodeOptions OptionsOf(string node)
    {
        var environment = Services.PairsAt(node, "environment");
        var options = new NodeOptions();
        ConfigFile.Apply("deucalion.yml", Repository.Text($"{Folder}/deucalion.yml"), environment.GetValueOrDefault, options);
        return options;
    }
}
