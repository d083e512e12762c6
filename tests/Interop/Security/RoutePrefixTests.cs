using System.Net;
using System.Text.RegularExpressions;
using Deucalion.Interop.Browser;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Microsoft.Playwright;
using Xunit;

namespace Deucalion.Interop.Security;

public sealed partial class RoutePrefixTests
{
    private const string Prefix = "/deep/down";

    // Made by Python's hashlib of "correct horse battery".
    private const string Users = """
        users:
          - name: alice
            hash: "pbkdf2-sha256:10000:c2FsdHNhbHQ=:IYh7rci4fh2D6bTOoDrXv/CJUb+f4beXTPMnLTRiKtM="
            tenants: [anonymous]
            rights: [read]

        """;

    [Fact]
    public async Task ServesEverythingBelowThePrefix_AndNothingBesideIt()
    {
        using var directory = new TemporaryDirectory();
        using var node = await StartAsync(directory, string.Empty);
        foreach (var path in new[] { "-/healthy", "ready", "metrics", "config", "api/v1/query?query=1", "prometheus/api/v1/query?query=1", "api/v1/status/runtimeinfo", "debug/runtime" })
        {
            Assert.Equal(HttpStatusCode.OK, (await node.GetAsync(path)).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync("../../" + path)).Status);
        }

        Assert.Equal(new Uri("deep/down/", UriKind.Relative), (await node.GetAsync("../../")).Headers.Location);
        Assert.Equal(new Uri("down/", UriKind.Relative), (await node.GetAsync("../down")).Headers.Location);
        Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync("../downstairs")).Status);
        foreach (var page in new[] { "", "prometheus/" })
        {
            var index = await node.GetAsync(page);
            Assert.Equal("text/html", index.MediaType);
            var assets = Reference().Matches(index.Body).Select(static m => m.Groups[1].Value).ToList();
            Assert.True(assets.Count >= 3, index.Body);
            foreach (var asset in assets)
            {
                Assert.StartsWith("./", asset, StringComparison.Ordinal);
                Assert.Equal(HttpStatusCode.OK, (await node.GetAsync(page + asset[2..])).Status);
            }
        }

        var run = await CommandRun.DeucalionAsync("support-bundle", "--url", node.Address.ToString(), "--output", directory.Child("bundle.tar.gz"));
        Assert.DoesNotContain("config:", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "slow")]
    public async Task AsksForNameAndPassword_WhenThePageIsOpenedInABrowser()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.Child("access.yml"), Users);
        using var node = await StartAsync(directory, $"auth:\n  file: {directory.Child("access.yml")}\n");
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await ChromiumBrowser.LaunchAsync(playwright);
        Assert.Equal(200, await QueryAsync(browser, node, "correct horse battery"));
        Assert.Equal(401, await QueryAsync(browser, node, "wrong horse"));
        var refused = await node.GetAsync("api/v1/query?query=1");
        Assert.StartsWith("Basic realm=\"Deucalion\"", refused.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);

        // Pages of other sites make browsers send requests with what they keep.
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("POST", "api/v1/query", SecuredNode.Basic("alice", "correct horse battery"), null, new FormUrlEncodedContent([new("query", "1")]))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, await ForgedAsync(node));
    }

    // What a browser's dialog does for a person: the password is given once, when the server asks.
    private static async Task<int> QueryAsync(IBrowser browser, SecuredNode node, string password)
    {
        await using var context = await browser.NewContextAsync(new() { HttpCredentials = new() { Username = "alice", Password = password } });
        var page = await context.NewPageAsync();
        await page.GotoAsync(node.Address.ToString());
        await page.GetByTestId("query-editor").Locator(".cm-content").ClickAsync();
        await page.Keyboard.TypeAsync("vector(1)");
        await page.Keyboard.PressAsync("Escape");
        var answer = await page.RunAndWaitForResponseAsync(
            () => page.GetByTestId("execute").ClickAsync(), static r => r.Url.Contains($"{Prefix}/api/v1/query", StringComparison.Ordinal));
        return answer.Status;
    }

    private static async Task<HttpStatusCode> ForgedAsync(SecuredNode node)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(node.Address, "api/v1/query")) { Content = new FormUrlEncodedContent([new("query", "1")]) };
        request.Headers.TryAddWithoutValidation("Authorization", SecuredNode.Basic("alice", "correct horse battery"));
        request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", "cross-site");
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    private static Task<SecuredNode> StartAsync(TemporaryDirectory directory, string more) =>
        SecuredNode.StartAsync(directory, $"http:\n  external_url: https://example.org{Prefix}\ntelemetry:\n  self_scrape: false\n{more}", prefix: Prefix);

    [GeneratedRegex("(?:src|href)=\"([^\"]+)\"")]
    private static partial Regex Reference();
}
