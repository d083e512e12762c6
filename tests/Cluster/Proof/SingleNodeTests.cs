using System.Globalization;
using System.Text.Json;
using Deucalion.Cluster.Nodes;
using Deucalion.Cluster.Scenarios;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Cluster.Proof;

/// <summary>The harness around one real node, which can lose nothing by itself: what it does to the node happens, and what the node does is seen.</summary>
public sealed class SingleNodeTests
{
    private static readonly TimeSpan Soon = SingleNode.Soon;

    [Fact]
    [Trait("Category", "long")]
    public Task LosesNothing_WhenKilledPausedFullAndWithAWrongClock() => SingleNode.UseAsync("single", SingleNode.Plain, async (node, parts) =>
    {
        await SingleNode.GoesOnAsync(parts);
        await node.KillAsync();
        await node.StartAsync();
        await SingleNode.GoesOnAsync(parts);

        node.Pause();
        var paused = parts.Load.ViewOf(0).Settled;
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.InRange(parts.Load.ViewOf(0).Settled, paused, paused + 1);
        node.Resume();
        await SingleNode.GoesOnAsync(parts);

        await node.FillDiskAsync();
        await Eventually.TrueAsync(() => Task.FromResult(parts.Journal.Failures.Any(static f => f.Status == 503)), Soon, static () => "pushes are refused on a full disk");
        await node.EmptyDiskAsync();
        await SingleNode.GoesOnAsync(parts);

        node.ShiftClock(TimeSpan.FromHours(1));
        await Eventually.TrueAsync(async () => await AheadAsync(node) is > 3590 and < 3610, Soon, static () => "the clock is an hour ahead");
        await SingleNode.GoesOnAsync(parts);
        node.ShiftClock(TimeSpan.FromMinutes(-5));
        await Eventually.TrueAsync(async () => await AheadAsync(node) is > -310 and < -290, Soon, static () => "the clock is five minutes behind");
        await SingleNode.GoesOnAsync(parts);
        node.ShiftClock(TimeSpan.Zero);

        await node.StopAsync();
        await node.StartAsync();
        await SingleNode.GoesOnAsync(parts);
        await parts.StopLoadAsync();
        Assert.Null(parts.Broken());
        Assert.True(await SingleNode.EverythingIsThereAsync(node, parts), string.Join('\n', parts.NodeChecker.Errors.Keys));
        Assert.Null(parts.Broken());
        Assert.True(parts.NodeChecker.Complete > 20);
    });

    [Fact]
    [Trait("Category", "long")]
    public Task IsCaught_WhenItsDiskIsWiped() => SingleNode.UseAsync("wiped", SingleNode.Plain, async (node, parts) =>
    {
        await SingleNode.GoesOnAsync(parts);
        Assert.Null(parts.Broken());
        await node.KillAsync();
        node.Wipe();
        await node.StartAsync();
        await Eventually.TrueAsync(
            () => Task.FromResult(parts.Broken()?.Contains("no sample of", StringComparison.Ordinal) == true || parts.Broken()?.Contains("no point at", StringComparison.Ordinal) == true),
            Soon,
            static () => "the loss is seen");
    });

    [Fact]
    [Trait("Category", "long")]
    public Task HoldsWhatPrometheusHolds_WhenItWroteThroughTheProxy() => SingleNode.UseAsync("prometheus", SingleNode.Plain with { WithPrometheus = true, ThroughProxy = true }, async (node, parts) =>
    {
        await SingleNode.GoesOnAsync(parts);
        await parts.StopLoadAsync();
        Assert.Null(parts.Broken());
        await parts.Prometheus!.DrainAsync(Soon);
        var (difference, samples) = await parts.Prometheus.CompareAsync(node.Url);
        Assert.Null(difference);
        Assert.True(samples > 1000, $"{samples} samples");

        await node.KillAsync();
        node.Wipe();
        await node.StartAsync();
        Assert.NotNull((await parts.Prometheus.CompareAsync(node.Url)).Difference);
    });

    // Seconds that the node's clock is ahead: a query without a time is asked for its now.
    private static async Task<double> AheadAsync(IClusterNode node)
    {
        using var http = new HttpClient();
        using var document = JsonDocument.Parse(await http.GetStringAsync(new Uri(node.Url, "/api/v1/query?query=time()")));
        var time = double.Parse(document.RootElement.GetProperty("data").GetProperty("result")[1].GetString()!, CultureInfo.InvariantCulture);
        return time - (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0);
    }
}
