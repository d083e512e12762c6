using System.Net;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Limits;

/// <summary>A file of limits that changes under a running node.</summary>
public sealed class LimitsFileTests
{
    [Fact]
    [Trait("Category", "slow")]
    public async Task FollowsTheFile_AndKeepsTheOldLimitsWhereItIsWrong()
    {
        using var directory = new TemporaryDirectory();
        var (main, file) = (directory.Child("deucalion.yml"), directory.Child("limits.yml"));
        await File.WriteAllTextAsync(main, $"telemetry: {{ self_scrape: false }}\nlimits: {{ file: \"{file}\" }}\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file, "overrides:\n  a: { max_active_series: 10 }\n", TestContext.Current.CancellationToken);
        using var node = await NodeProcess.StartWithFileAsync(directory.Child("data"), main);
        var (a, b) = (new TenantSender(node, "a"), new TenantSender(node, "b"));
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var (status, text, _) = await a.SendAsync(15, now);
        Assert.Equal(400, status);
        Assert.Contains("tenant \"a\": a new series would exceed the limit of 10 (max_active_series); raise it in limits.overrides.a.max_active_series", text, StringComparison.Ordinal);
        Assert.Equal((10, 204), (await a.StoredAsync(), (await b.SendAsync(15, now)).Status));
        Assert.Equal(("10", "limits.overrides.a.max_active_series"), await LimitAsync(a));
        Assert.Equal(("off", "default"), await LimitAsync(b));

        // The file alone is enough.
        await File.WriteAllTextAsync(file, "overrides:\n  a: { max_active_series: 12 }\n", TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(async () => (await LimitAsync(a)).Value == "12", TimeSpan.FromSeconds(30), static () => "the changed file is in force");
        Assert.Equal(400, (await a.SendAsync(15, now + 1)).Status);
        Assert.Equal(10 + 12, await a.StoredAsync());

        await File.WriteAllTextAsync(file, "overrides:\n  a: { max_active_series: many }\n", TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(async () => await MetricAsync(node) == "0", TimeSpan.FromSeconds(30), static () => "the wrong file is refused");
        Assert.Equal("12", (await LimitAsync(a)).Value);
        using var refused = await node.Http.PostAsync(new Uri("/-/reload", UriKind.Relative), null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
        Assert.Contains(
            $"{file}:2: bad value \"many\" of key \"overrides.a.max_active_series\": a whole number from 1 to 9223372036854775807 is allowed, or off",
            await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        Assert.Equal("12", (await LimitAsync(a)).Value);

        await File.WriteAllTextAsync(file, "overrides: {}\n", TestContext.Current.CancellationToken);
        using var reloaded = await node.Http.PostAsync(new Uri("/-/reload", UriKind.Relative), null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, reloaded.StatusCode);
        Assert.Equal(("off", "1", 204), ((await LimitAsync(a)).Value, await MetricAsync(node), (await a.SendAsync(15, now + 2)).Status));
    }

    private static async Task<(string Value, string From)> LimitAsync(TenantSender tenant)
    {
        var limit = (await tenant.GetAsync("/api/v1/status/limits")).GetProperty("limits").GetProperty("max_active_series");
        return (limit.GetProperty("value").GetString()!, limit.GetProperty("from").GetString()!);
    }

    private static async Task<string> MetricAsync(NodeProcess node)
    {
        const string Name = "deucalion_limits_reload_successful ";
        var metrics = await node.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        return metrics.Split('\n').Single(static line => line.StartsWith(Name, StringComparison.Ordinal))[Name.Length..];
    }
}
