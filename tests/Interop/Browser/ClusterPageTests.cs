using System.Text.RegularExpressions;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Deucalion.Testing.RemoteWrite;
using Microsoft.Playwright;
using Xunit;

namespace Deucalion.Interop.Browser;

/// <summary>A headless Chromium looks at the cluster page of a node that is a member of a cluster, and of one that is alone.</summary>
public sealed partial class ClusterPageTests
{
    [Fact]
    [Trait("Category", "slow")]
    public async Task ShowsNodesAndPartitionsLive_WhenTheNodeIsAMember()
    {
        using var directory = new TemporaryDirectory();
        using var node = await NodeProcess.StartAsync(
            directory.Child("data"), $"cluster:\n  listen: 127.0.0.1:{Ports.Free()}\n  zone: harbour\n  replication_factor: 1\ntelemetry:\n  self_scrape: false\n");
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await ChromiumBrowser.LaunchAsync(playwright);
        var page = await browser.NewPageAsync();
        var problems = new List<string>();
        page.PageError += (_, error) => problems.Add(error);
        await page.GotoAsync(node.Url + "/prometheus/cluster");

        var nodes = page.GetByTestId("cluster-nodes").Locator("tbody tr");
        await nodes.First.WaitForAsync();
        Assert.Equal(1, await nodes.CountAsync());
        Assert.Contains("harbour", await nodes.First.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Matches(NodeId(), await nodes.First.Locator("[data-node]").GetAttributeAsync("data-node") ?? string.Empty);

        // It is live: what is written now appears by itself.
        var partitions = page.GetByTestId("cluster-partitions").Locator("[data-partition]");
        Assert.Equal(0, await partitions.CountAsync());
        await Pushing.PushAsync(node.Http, new WriteRequestEncoder().Series([("__name__", "harbour_water_level")], [(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), 1)]));
        await partitions.First.WaitForAsync();
        Assert.Contains("Healthy", await partitions.First.InnerTextAsync(), StringComparison.Ordinal);
        await page.GetByTestId("filter-health").SelectOptionAsync("without_primary");
        await Eventually.TrueAsync(async () => await partitions.CountAsync() == 0, TimeSpan.FromSeconds(10), static () => "no healthy partition is shown among those without primary");

        // What was seen last stays while the node cannot be reached.
        await page.RouteAsync("**/api/v1/cluster/*", static route => route.AbortAsync());
        await page.GetByTestId("error").WaitForAsync();
        Assert.Equal(1, await nodes.CountAsync());
        await page.UnrouteAllAsync();
        await page.GetByTestId("error").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Fact]
    [Trait("Category", "slow")]
    public async Task SaysHowToGrow_WhenTheNodeRunsAlone()
    {
        using var directory = new TemporaryDirectory();
        using var node = await NodeProcess.StartAsync(directory.Child("data"), "telemetry:\n  self_scrape: false\n");
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await ChromiumBrowser.LaunchAsync(playwright);
        var page = await browser.NewPageAsync();
        await page.GotoAsync(node.Url + "/");
        await page.GetByRole(AriaRole.Link, new() { Name = "Cluster" }).ClickAsync();
        var alone = page.GetByTestId("cluster-alone");
        await alone.WaitForAsync();
        Assert.Contains("cluster.listen", await alone.InnerTextAsync(), StringComparison.Ordinal);
        Assert.EndsWith("view=cluster", page.Url, StringComparison.Ordinal);
    }

    [GeneratedRegex("^[0-9a-f]{32}$")]
    private static partial Regex NodeId();
}
