using Deucalion.Interop.Kit;
using Deucalion.Testing.Fixtures;
using Deucalion.Testing.Processes;
using Deucalion.Testing.RemoteWrite;
using Xunit;

namespace Deucalion.Interop.Durability;

/// <summary>
/// Makes the fixture of a version, once, when it is released: DEUCALION_FIXTURE names the version (<c>v0.2.0</c>); run with <c>-explicit only</c>.
/// </summary>
public sealed class FixtureWriter
{
    private const string Configuration = "telemetry:\n  self_scrape: false\n";

    [Fact(Explicit = true)]
    public async Task WritesTheDataDirectory()
    {
        var version = Environment.GetEnvironmentVariable("DEUCALION_FIXTURE") ?? throw new InvalidOperationException("DEUCALION_FIXTURE is not set");
        var target = Path.Combine(NodeProcess.RepositoryRoot(), "tests", "Storage.Tests", "fixtures", version);
        Assert.False(Directory.Exists(target), $"{target} exists: fixtures are never changed");
        using var directory = new TemporaryDirectory();
        var data = directory.Child("data");
        using (var node = await NodeProcess.StartAsync(data, Configuration))
        {
            await PushAsync(node, version, 0, FixtureData.InBlocks);
            await node.FlushAsync();
            await PushAsync(node, version, FixtureData.InBlocks, FixtureData.InCheckpoints);
            await node.Process.TerminateAsync();
        }

        using (var node = await NodeProcess.StartAsync(data, Configuration))
        {
            await PushAsync(node, version, FixtureData.InCheckpoints, FixtureData.Samples);
            await node.Process.KillAsync();
        }

        File.Delete(Path.Combine(data, "lock"));
        File.Delete(Path.Combine(data, "coordination", "store.lock"));
        Directory.Delete(Path.Combine(data, "bucket", ".locks"), true);
        Copies.Tree(data, target);
    }

    private static async Task PushAsync(NodeProcess node, string version, int first, int end)
    {
        var request = new WriteRequestV2Encoder();
        foreach (var series in FixtureData.Series(version, first, end))
        {
            request.Series(series);
        }

        using var response = await Pushing.PushAsync(node.Http, request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}
