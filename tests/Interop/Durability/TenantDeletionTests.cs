using System.Globalization;
using System.Net;
using System.Text.Json;
using Deucalion.Interop.Kit;
using Deucalion.Interop.Limits;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Durability;

/// <summary>A tenant is deleted from a node alone: from its head and from its blocks, for good, and nothing else.</summary>
public sealed class TenantDeletionTests
{
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    [Fact]
    [Trait("Category", "slow")]
    public async Task EverythingOfTheTenantGoes_AndStaysGone()
    {
        using var directory = new TemporaryDirectory();
        var clock = directory.Child("clock");
        await File.WriteAllTextAsync(clock, "0", TestContext.Current.CancellationToken);
        var node = await StartAsync(directory, clock);
        try
        {
            await SendAsync(node, "leaving", 50, Now - 600_000);
            await SendAsync(node, "staying", 50, Now - 600_000);
            await node.FlushAsync();
            await SendAsync(node, "leaving", 30, Now - 60_000);
            await SendAsync(node, "staying", 30, Now - 60_000);

            // The lists of blocks are known to the querier from here on.
            Assert.Equal((80, 80), await StoredAsync(node));
            var (status, answer) = await DeleteAsync(node, "leaving");
            Assert.Equal(HttpStatusCode.OK, status);
            var data = answer.GetProperty("data");
            Assert.Equal("success", answer.GetProperty("status").GetString());
            Assert.Equal(("leaving", true, true), (data.GetProperty("tenant").GetString(), data.GetProperty("series").GetInt64() >= 30, data.GetProperty("blocks").GetInt64() >= 1));
            await HasOnlyStayingAsync(node);

            await node.Process.KillAsync();
            node.Dispose();
            node = await StartAsync(directory, clock);
            await HasOnlyStayingAsync(node);
            Assert.Equal((HttpStatusCode.NotFound, "not_found"), Failure(await DeleteAsync(node, "nobody")));
            Assert.Equal((HttpStatusCode.BadRequest, "bad_data"), Failure(await DeleteAsync(node, "no%20body")));

            await SendAsync(node, "leaving", 20, Now - 30_000);
            Assert.Equal((20, 80), await StoredAsync(node));
            await node.FlushAsync();
            Assert.Equal((20, 80), await StoredAsync(node));

            // What was deleted goes from the bucket after the delay; what came since stays.
            Assert.True(Blocks(directory, "leaving").Count > 1);
            node = await RestartAsync(node, directory, clock, TimeSpan.FromMinutes(20));
            await Eventually.TrueAsync(
                () => Task.FromResult(Blocks(directory, "leaving").Count == 1), TimeSpan.FromSeconds(30), () => $"one block of the tenant is left; the node's output:\n{node.Process.Output}");
            Assert.Equal((20, 80), await StoredAsync(node));

            // The same from the command line.
            var listed = await CommandRun.RunAsync(NodeProcess.Program, "tenants", "list", "--url", node.Url);
            Assert.Equal((0, true), (listed.ExitCode, listed.Output.Contains("leaving", StringComparison.Ordinal)));
            var deleted = await CommandRun.RunAsync(NodeProcess.Program, "tenants", "delete", "leaving", "--url", node.Url);
            Assert.Equal((0, true), (deleted.ExitCode, deleted.Output.StartsWith("tenant leaving is deleted: ", StringComparison.Ordinal)));
            await HasOnlyStayingAsync(node);
            node = await RestartAsync(node, directory, clock, TimeSpan.FromMinutes(40));
            await Eventually.TrueAsync(
                () => Task.FromResult(Directory.GetFiles(Folder(directory, "leaving"), "*", SearchOption.AllDirectories).All(static file => file.Contains("/manifests/", StringComparison.Ordinal))),
                TimeSpan.FromSeconds(30),
                () => $"nothing but manifests is left of the tenant; the node's output:\n{node.Process.Output}");
            await HasOnlyStayingAsync(node);
        }
        finally
        {
            node.Dispose();
        }
    }

    private static async Task HasOnlyStayingAsync(NodeProcess node)
    {
        Assert.Equal((0, 80), await StoredAsync(node));
        Assert.Equal(0, (await new TenantSender(node, "leaving").GetAsync("/api/v1/labels")).GetArrayLength());
        Assert.Equal(0, (await new TenantSender(node, "leaving").GetAsync("/api/v1/series?match[]=app_requests_total")).GetArrayLength());
        var tenants = (await node.GetDataAsync("/api/v1/admin/tenants")).EnumerateArray().ToDictionary(static x => x.GetProperty("tenant").GetString()!);
        Assert.True(tenants["staying"].GetProperty("has_blocks").GetBoolean());
        Assert.False(tenants.TryGetValue("leaving", out var leaving) && (leaving.GetProperty("has_blocks").GetBoolean() || leaving.GetProperty("active_series").GetInt64() > 0));
    }

    private static async Task<(long Leaving, long Staying)> StoredAsync(NodeProcess node) =>
        (await new TenantSender(node, "leaving").StoredAsync(), await new TenantSender(node, "staying").StoredAsync());

    private static async Task SendAsync(NodeProcess node, string tenant, int series, long time) =>
        Assert.Equal((204, "", null), await new TenantSender(node, tenant).SendAsync(series, time));

    private static async Task<(HttpStatusCode Status, JsonElement Answer)> DeleteAsync(NodeProcess node, string tenant)
    {
        using var response = await node.Http.DeleteAsync(new Uri($"/api/v1/admin/tenants/{tenant}", UriKind.Relative), TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (response.StatusCode, json.RootElement.Clone());
    }

    private static (HttpStatusCode Status, string? ErrorType) Failure((HttpStatusCode Status, JsonElement Answer) answer) =>
        (answer.Status, answer.Answer.GetProperty("errorType").GetString());

    private static string Folder(TemporaryDirectory directory, string tenant) =>
        Directory.GetDirectories(directory.Child("data"), tenant, SearchOption.AllDirectories).Single(static path => Directory.Exists(Path.Combine(path, "manifests")));

    private static List<string> Blocks(TemporaryDirectory directory, string tenant) =>
        [.. Directory.GetFiles(Folder(directory, tenant), "meta.json", SearchOption.AllDirectories)];

    private static async Task<NodeProcess> RestartAsync(NodeProcess node, TemporaryDirectory directory, string clock, TimeSpan later)
    {
        await node.Process.KillAsync();
        node.Dispose();
        await File.WriteAllTextAsync(clock, later.TotalMilliseconds.ToString(CultureInfo.InvariantCulture), TestContext.Current.CancellationToken);
        return await StartAsync(directory, clock);
    }

    private static Task<NodeProcess> StartAsync(TemporaryDirectory directory, string clock) => NodeProcess.StartAsync(
        directory.Child("data"), "telemetry:\n  self_scrape: false\n", environment: new Dictionary<string, string> { ["DEUCALION_TEST_CLOCK_FILE"] = clock });
}
