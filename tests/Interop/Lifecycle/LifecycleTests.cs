using System.Net;
using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Lifecycle;

/// <summary>How a node starts, reloads and stops, seen from outside.</summary>
public sealed class LifecycleTests
{
    private const int HangUp = 1;
    private const int Interrupt = 2;
    private const int Terminate = 15;

    [Theory]
    [Trait("Category", "slow")]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    public async Task EndsWithZeroAndKeepsEverything_WhenToldToStop(int signal)
    {
        using var directory = new TemporaryDirectory();
        using (var node = await NodeProcess.StartAsync(directory.Child("data")))
        {
            await Eventually.TrueAsync(async () => !PrometheusJson.IsEmpty(await node.GetDataAsync("/api/v1/query?query=up")), TimeSpan.FromSeconds(30), static () => "own metrics are there");
            node.Process.Signal(signal);
            Assert.Equal(0, await node.Process.WaitAsync(TimeSpan.FromSeconds(60)));
        }

        using var again = await NodeProcess.StartAsync(directory.Child("data"), "telemetry:\n  self_scrape: false\n");
        Assert.False(PrometheusJson.IsEmpty(await again.GetDataAsync("/api/v1/query?query=up")));
    }

    [Fact]
    [Trait("Category", "slow")]
    public async Task ReloadsWhatCanBeReloaded_OnRequestAndOnHangUp()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Child("deucalion.yml");
        await File.WriteAllTextAsync(file, "retention:\n  time: 5d\n", TestContext.Current.CancellationToken);
        using var node = await NodeProcess.StartWithFileAsync(directory.Child("data"), file);
        Assert.Contains("time: 5d", await ConfigAsync(node), StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, "retention:\n  time: 6d\nquery:\n  timeout: 5s\n", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, (await ReloadAsync(node)).Status);
        Assert.Contains("time: 6d", await ConfigAsync(node), StringComparison.Ordinal);
        Assert.Contains("timeout: 2m", await ConfigAsync(node), StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, "retention:\n  time: soon\n", TestContext.Current.CancellationToken);
        var (status, text) = await ReloadAsync(node);
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains($"{file}:2: bad value \"soon\" of key \"retention.time\"", text, StringComparison.Ordinal);
        Assert.Contains("time: 6d", await ConfigAsync(node), StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, "retention:\n  time: 7d\n", TestContext.Current.CancellationToken);
        node.Process.Signal(HangUp);
        await Eventually.TrueAsync(async () => (await ConfigAsync(node)).Contains("time: 7d", StringComparison.Ordinal), TimeSpan.FromSeconds(10), static () => "the hang-up has reloaded");
    }

    [Theory]
    [Trait("Category", "slow")]
    [InlineData("quary:\n  timeout: 1m\n", "1: unknown key \"quary\"")]
    [InlineData("query:\n  timeout: long\n", "2: bad value \"long\" of key \"query.timeout\"")]
    public async Task RefusesToStart_WhenTheConfigurationIsWrong(string configuration, string message)
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Child("deucalion.yml");
        await File.WriteAllTextAsync(file, configuration, TestContext.Current.CancellationToken);
        using var process = new ChildProcess(NodeProcess.Program, ["--config.file", file, "--data.path", directory.Child("data")]);
        Assert.Equal(2, await process.WaitAsync(TimeSpan.FromSeconds(30)));
        await Eventually.TrueAsync(() => Task.FromResult(process.Output.Contains($"{file}:{message}", StringComparison.Ordinal)), TimeSpan.FromSeconds(5), () => process.Output);
        Assert.False(Directory.Exists(directory.Child("data")));
    }

    [Fact]
    [Trait("Category", "slow")]
    public async Task RefusesToStart_WhenAnotherNodeUsesTheData()
    {
        using var directory = new TemporaryDirectory();
        using var node = await NodeProcess.StartAsync(directory.Child("data"), "telemetry:\n  self_scrape: false\n");
        using var second = new ChildProcess(NodeProcess.Program, ["--data.path", directory.Child("data"), "--http.listen", $"127.0.0.1:{Ports.Free()}"]);
        Assert.Equal(1, await second.WaitAsync(TimeSpan.FromSeconds(30)));
        await Eventually.TrueAsync(() => Task.FromResult(second.Output.Contains("is in use by another process", StringComparison.Ordinal)), TimeSpan.FromSeconds(5), () => second.Output);
    }

    private static async Task<string> ConfigAsync(NodeProcess node) => (await node.GetDataAsync("/api/v1/status/config")).GetProperty("yaml").GetString()!;

    private static async Task<(HttpStatusCode Status, string Text)> ReloadAsync(NodeProcess node)
    {
        using var response = await node.Http.PostAsync(new Uri("/-/reload", UriKind.Relative), null);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
