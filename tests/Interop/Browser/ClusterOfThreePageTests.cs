using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Microsoft.Playwright;
using Xunit;

namespace Deucalion.Interop.Browser;

/// <summary>A headless Chromium looks at the page of a cluster in which replicas lag and move.</summary>
public sealed class ClusterOfThreePageTests
{
    private const string ZoneTitles = "Zone | Nodes alive | Dead | Leads | Holds";
    private const string PartitionTitles = "Partition | Health | Term | Primary | In sync | Learners | Behind | RF | Next | On this node";

    private static readonly string[] SettledPartitions =
    [
        PartitionTitles,
        "0 | Healthy | 3 | aaaaaaaa | aaaaaaaa bbbbbbbb cccccccc | - | - | 3 | - | backup, 3:41",
        "1 | Under-replicated | 7 | bbbbbbbb | bbbbbbbb aaaaaaaa | cccccccc | cccccccc 12,345 / 2m5s | 2 \u2192 3 | repair: to cccccccc | -",
        "2 | Healthy | 1 | cccccccc | cccccccc bbbbbbbb | aaaaaaaa | aaaaaaaa ? / 1m5s bbbbbbbb 7 / 1s | 2 | move: from bbbbbbbb to aaaaaaaa | -",
    ];

    [Fact]
    [Trait("Category", "slow")]
    public async Task ShowsZonesMovesAndLagLive_WhenTheClusterHasThreeNodes()
    {
        using var directory = new TemporaryDirectory();
        using var node = await NodeProcess.StartAsync(directory.Child("data"), "telemetry:\n  self_scrape: false\n");
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await ChromiumBrowser.LaunchAsync(playwright);
        var page = await browser.NewPageAsync();
        var problems = new List<string>();
        page.PageError += (_, error) => problems.Add(error);
        var cluster = new ShownCluster();
        await cluster.ShowToAsync(page);
        await page.GotoAsync(node.Url + "/?view=cluster");

        var summary = page.GetByTestId("cluster-summary");
        var nodes = page.GetByTestId("cluster-nodes");
        var zones = page.GetByTestId("cluster-zones");
        var partitions = page.GetByTestId("cluster-partitions");
        await ShowsAsync(() => RowsAsync(partitions), [.. SettledPartitions,
            "3 | Healthy | 5 | aaaaaaaa | aaaaaaaa bbbbbbbb | - | ? | 2 | balance: hand-off to bbbbbbbb | -"]);
        await ShowsAsync(() => FactsAsync(summary), Facts("Moves under way 2 3 partitions not yet as planned"));
        await ShowsAsync(() => RowsAsync(zones), [ZoneTitles, "harbour | 1 | 0 | 2 | 4", "island | 1 | 0 | 1 | 4", "mainland | 1 | 0 | 1 | 3"]);
        await ShowsAsync(() => RowsAsync(nodes, first: 2), NodesWith(harbourLeads: 2, islandLeads: 1));
        var coordinator = nodes.Locator("tr", new() { HasTextString = "coordinator" }).Locator("[data-node]");
        Assert.Equal(ShownCluster.Island, await coordinator.GetAttributeAsync("data-node"));

        // The primary of the last partition goes over to another node: all tables tell it in the document that was loaded.
        Assert.True(await page.EvaluateAsync<bool>("() => window.isFirstDocument = true"));
        cluster.Partitions =
        [
            .. cluster.Partitions[..^1],
            cluster.Partitions[^1] with { Term = 6, Primary = ShownCluster.Island, Step = null, Lags = [new(ShownCluster.Harbour, 2, 3)] },
        ];
        await ShowsAsync(() => RowsAsync(partitions), [.. SettledPartitions,
            "3 | Healthy | 6 | bbbbbbbb | aaaaaaaa bbbbbbbb | - | aaaaaaaa 2 / 3s | 2 | - | -"]);
        await ShowsAsync(() => FactsAsync(summary), Facts("Moves under way 2 2 partitions not yet as planned"));
        await ShowsAsync(() => RowsAsync(zones), [ZoneTitles, "harbour | 1 | 0 | 1 | 4", "island | 1 | 0 | 2 | 4", "mainland | 1 | 0 | 1 | 3"]);
        await ShowsAsync(() => RowsAsync(nodes, first: 2), NodesWith(harbourLeads: 1, islandLeads: 2));
        Assert.True(await page.EvaluateAsync<bool>("() => window.isFirstDocument === true"));
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    private static string[] Facts(string moves) =>
    [
        "Nodes active 3",
        "Partitions healthy 3",
        "Under-replicated 1",
        "Without primary 0",
        moves,
        "New partitions get 3\u00d7 at least 2 in sync",
        "Coordinator bbbbbbbb island",
    ];

    private static string[] NodesWith(int harbourLeads, int islandLeads) =>
    [
        "Zone | State | For | Leads | Holds | Learning | Version | HTTP | Address",
        $"harbour | active | 1h2m | {harbourLeads} | 4 | 1 | 0.3.0 | harbour:9009 | harbour:9095",
        $"island | active | 1h2m | {islandLeads} | 4 | 0 | 0.3.0 | island:9009 | island:9095",
        "mainland | active | 1h2m | 1 | 3 | 1 | 0.3.0 | mainland:9009 | mainland:9095",
    ];

    /// <summary>Waits until the page shows exactly this.</summary>
    private static async Task ShowsAsync(Func<Task<List<string>>> read, string[] expected)
    {
        List<string> last = [];
        await Eventually.TrueAsync(
            async () =>
            {
                last = await read();
                return last.SequenceEqual(expected);
            },
            TimeSpan.FromSeconds(30),
            () => $"the page shows\n{string.Join('\n', expected)}\nbut it was\n{string.Join('\n', last)}");
    }

    private static async Task<List<string>> FactsAsync(ILocator summary) => [.. (await summary.Locator("[data-tone]").AllInnerTextsAsync()).Select(OneLine)];

    /// <summary>Titles and rows of a table, from a column on; the cells are read at once, so that no row is of two moments.</summary>
    private static async Task<List<string>> RowsAsync(ILocator table, int first = 1)
    {
        var titles = await table.Locator($"th:nth-child(n+{first})").AllInnerTextsAsync();
        var cells = await table.Locator($"td:nth-child(n+{first})").AllInnerTextsAsync();
        return [.. titles.Concat(cells).Select(OneLine).Chunk(Math.Max(1, titles.Count)).Select(static row => string.Join(" | ", row))];
    }

    /// <summary>A text as words; the page's dash for nothing is a plain one here.</summary>
    private static string OneLine(string text) => string.Join(' ', text.Replace('\u2013', '-').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
