using Deucalion.Cluster.Nodes;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Cluster.Scenarios;

/// <summary>
/// A node alone is taken from the oldest version that allows it to this one and back, again and again, whatever its data directory was left with: killed, stopped, with
/// blocks, after a full disk.
/// </summary>
public sealed class AloneUpgradesLong
{
    [Fact]
    [Trait("Category", "long")]
    public async Task LosesNothing_WhenANodeAloneIsUpgraded_AndTakenBack()
    {
        var earlier = await PastProgram.BuildAsync("alone");
        var later = NodeProgram.Path;
        await SingleNode.UseAsync(
            "upgrade-alone",
            SingleNode.Plain,
            async (node, parts) =>
            {
                await SingleNode.GoesOnAsync(parts);
                foreach (var program in new[] { later, earlier, later, earlier })
                {
                    await node.KillAsync();
                    await StartAsync(node, program, parts);
                }

                await node.StopAsync();
                await StartAsync(node, later, parts);
                await FlushAsync(node);
                await SingleNode.GoesOnAsync(parts);
                await node.KillAsync();
                await StartAsync(node, earlier, parts);
                await FlushAsync(node);
                await SingleNode.GoesOnAsync(parts);
                await node.StopAsync();
                await StartAsync(node, later, parts);

                // What a full disk leaves in the journal is behind a checkpoint once the node has been stopped in order.
                await node.FillDiskAsync();
                await Eventually.TrueAsync(
                    () => Task.FromResult(parts.Journal.Failures.Any(static f => f.Status == 503)), SingleNode.Soon, static () => "pushes are refused on a full disk");
                await node.EmptyDiskAsync();
                await SingleNode.GoesOnAsync(parts);
                await node.StopAsync();
                await StartAsync(node, earlier, parts);
                await node.KillAsync();
                await StartAsync(node, later, parts);

                await parts.StopLoadAsync();
                Assert.Null(parts.Broken());
                Assert.True(await SingleNode.EverythingIsThereAsync(node, parts), string.Join('\n', parts.NodeChecker.Errors.Keys));
                await node.KillAsync();
                node.Program = earlier;
                await node.StartAsync();
                Assert.True(await SingleNode.EverythingIsThereAsync(node, parts), string.Join('\n', parts.NodeChecker.Errors.Keys));
                Assert.Null(parts.Broken());
            },
            earlier);
    }

    private static async Task StartAsync(IClusterNode node, string program, ScenarioParts parts)
    {
        node.Program = program;
        await node.StartAsync();
        await SingleNode.GoesOnAsync(parts);
        Assert.Null(parts.Broken());
    }

    private static async Task FlushAsync(IClusterNode node)
    {
        using var http = new HttpClient();
        using var response = await http.PostAsync(new Uri(node.Url, "/ingester/flush"), null);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}
