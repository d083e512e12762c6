using System.Globalization;
using System.Text.Json;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Deucalion.Testing.RemoteWrite;
using Microsoft.Playwright;
using Xunit;

namespace Deucalion.Interop.Browser;

/// <summary>A headless Chromium opens the page, types a query with completion, and reads back what was drawn.</summary>
public sealed class PageTests
{
    private static readonly double[] WaveHeights = [10, 25];

    [Fact]
    [Trait("Category", "slow")]
    public async Task DrawsWhatTheApiAnswers_WhenAQueryIsTypedWithCompletion()
    {
        using var directory = new TemporaryDirectory();
        using var node = await NodeProcess.StartAsync(directory.Child("data"));
        await WriteWavesAsync(node);
        await Eventually.TrueAsync(
            async () => !PrometheusJson.IsEmpty(await node.GetDataAsync("/api/v1/query?query=deucalion_build_info")), TimeSpan.FromSeconds(40), static () => "the node's own metrics are there");

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await ChromiumBrowser.LaunchAsync(playwright);
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await using var context = await browser.NewContextAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = 1280, Height = 860 } });
            var page = await context.NewPageAsync();
            var problems = new List<string>();
            page.PageError += (_, error) => problems.Add(error);
            await page.GotoAsync(node.Url + "/");

            // Typed by hand, with the metric's name taken from the completion list.
            var editor = page.GetByTestId("query-editor").Locator(".cm-content");
            await editor.ClickAsync();
            await page.Keyboard.TypeAsync("harbour_wat");
            var completion = page.Locator(".cm-tooltip-autocomplete li", new() { HasTextString = "harbour_water_level" }).First;
            await completion.WaitForAsync();
            await completion.ClickAsync();
            await Eventually.TrueAsync(async () => (await editor.InnerTextAsync()).Trim() == "harbour_water_level", TimeSpan.FromSeconds(10), static () => "the completion is taken over");
            await page.GetByTestId("tab-graph").ClickAsync();
            await page.GetByTestId("execute").ClickAsync();
            await page.WaitForFunctionAsync("() => window.__deucalionGraphs?.[0]?.series.length === 2");

            var drawn = (await page.EvaluateAsync("() => { const g = window.__deucalionGraphs[0]; return { expr: g.expr, start: g.start, end: g.end, step: g.step, labels: g.series.map(s => s.labels), data: g.data.map(c => Array.from(c)) }; }"))!.Value;
            var api = await node.GetDataAsync(PrometheusApi.RangePath(drawn.GetProperty("expr").GetString()!, Number(drawn, "start"), Number(drawn, "end"), Number(drawn, "step")));
            AssertSamePoints(api, drawn);
            await AssertTooltipAsync(page, api);

            var images = Path.Combine(NodeProcess.RepositoryRoot(), "docs", "images");
            Directory.CreateDirectory(images);
            await ScreenshotAsync(page, node, Path.Combine(images, scheme == ColorScheme.Light ? "graph-light.png" : "graph-dark.png"));
            Assert.True(problems.Count == 0, string.Join('\n', problems));
        }
    }

    [Fact]
    [Trait("Category", "slow")]
    public async Task ShowsTheErrorAndKeepsTheQueryInTheUrl_WhenAQueryIsWrong()
    {
        using var directory = new TemporaryDirectory();
        using var node = await NodeProcess.StartAsync(directory.Child("data"), "telemetry:\n  self_scrape: false\n");
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await ChromiumBrowser.LaunchAsync(playwright);
        var page = await browser.NewPageAsync();
        await page.GotoAsync(node.Url + "/");
        await page.GetByTestId("query-editor").Locator(".cm-content").ClickAsync();
        await page.Keyboard.TypeAsync("sum(1,");
        await page.Keyboard.PressAsync("Escape");
        await page.GetByTestId("execute").ClickAsync();
        var error = page.GetByTestId("error");
        await error.WaitForAsync();
        Assert.Contains("parse error", await error.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("g0.expr=sum", page.Url, StringComparison.Ordinal);

        // The same address in another window shows the same query.
        var second = await browser.NewPageAsync();
        await second.GotoAsync(page.Url);
        await second.GetByTestId("error").WaitForAsync();
    }

    private static async Task WriteWavesAsync(NodeProcess node)
    {
        var end = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        for (var time = end - 3_600_000; time <= end; time += 15_000)
        {
            var request = new WriteRequestEncoder();
            for (var s = 0; s < WaveHeights.Length; s++)
            {
                var value = Math.Round(WaveHeights[s] + (5 * Math.Sin((time - end) / 300_000.0 * (s + 1))), 3);
                request.Series([("__name__", "harbour_water_level"), ("gauge", s == 0 ? "inner" : "outer"), ("job", "harbour")], [(time, value)]);
            }

            await Pushing.PushAsync(node.Http, request);
        }
    }

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();

    private static Dictionary<string, Dictionary<double, double>> Points(JsonElement api) => api.GetProperty("result").EnumerateArray().ToDictionary(
        static s => s.GetProperty("metric").GetProperty("gauge").GetString()!,
        static s => s.GetProperty("values").EnumerateArray().ToDictionary(static v => v[0].GetDouble(), static v => double.Parse(v[1].GetString()!, CultureInfo.InvariantCulture)));

    private static void AssertSamePoints(JsonElement api, JsonElement drawn)
    {
        var expected = Points(api);
        Assert.Equal(2, expected.Count);
        var times = drawn.GetProperty("data")[0].EnumerateArray().Select(static t => t.GetDouble()).ToList();
        for (var s = 0; s < 2; s++)
        {
            var points = expected[drawn.GetProperty("labels")[s].GetProperty("gauge").GetString()!];
            var column = drawn.GetProperty("data")[s + 1];
            var found = times.Zip(column.EnumerateArray()).Where(static p => p.Second.ValueKind == JsonValueKind.Number).ToDictionary(static p => p.First, static p => p.Second.GetDouble());
            Assert.True(points.Count > 100, $"{points.Count} points");
            Assert.Equal(points, found);
        }
    }

    private static async Task AssertTooltipAsync(IPage page, JsonElement api)
    {
        var box = (await page.GetByTestId("graph").Locator(".u-over").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (box.Width * 0.6f), box.Y + (box.Height * 0.5f));
        var tooltip = page.GetByTestId("graph-tooltip");
        await tooltip.WaitForAsync();
        var labels = JsonDocument.Parse((await tooltip.GetAttributeAsync("data-labels"))!).RootElement;
        var time = double.Parse((await tooltip.GetAttributeAsync("data-time"))!, CultureInfo.InvariantCulture);
        var value = double.Parse(await page.GetByTestId("tooltip-value").InnerTextAsync(), CultureInfo.InvariantCulture);
        Assert.Equal(Points(api)[labels.GetProperty("gauge").GetString()!][time], value);
    }

    private static async Task ScreenshotAsync(IPage page, NodeProcess node, string path)
    {
        if (Environment.GetEnvironmentVariable("DEUCALION_WRITE_DOCS") != "1")
        {
            path = Path.Combine(Path.GetTempPath(), Path.GetFileName(path));
        }

        await page.ScreenshotAsync(new() { Path = path });
        Assert.True(new FileInfo(path).Length > 10_000, $"{path} of {node.Url} is no picture");
    }
}
