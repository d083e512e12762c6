using Deucalion.Interop.Kit;
using Deucalion.Testing.Processes;
using Deucalion.Testing.S3;
using Xunit;

namespace Deucalion.Interop.Buckets;

/// <summary>Every node and every disk is lost; what the bucket holds comes back with a new node.</summary>
[Trait("Category", "slow")]
public sealed class RecoveryTests(RadosGatewayFixture fixture) : IClassFixture<RadosGatewayFixture>
{
    private readonly string _bucket = $"b{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("local")]
    [InlineData("bucket")]
    public async Task ANewNodeHasTheWholeHistory_WhenOnlyTheBucketIsLeft(string coordination)
    {
        await fixture.Gateway.CreateBucketAsync(_bucket);
        using var directory = new TemporaryDirectory();
        var file = directory.Child("deucalion.yml");
        await File.WriteAllTextAsync(file, Configuration(coordination), Token);
        var start = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 7200) * 1000;
        var shipped = new AcknowledgedWriter("shipped", 0, 10, start);
        var notShipped = new AcknowledgedWriter("not_shipped", 1, 10, start);
        using (var node = await NodeProcess.StartWithFileAsync(directory.Child("old"), file))
        {
            await WriteAsync(shipped, node, 30);
            await node.FlushAsync();
            await WriteAsync(shipped, node, 30);
            await node.FlushAsync();
            await WriteAsync(notShipped, node, 10);
            await node.Process.KillAsync();
        }

        Directory.Delete(directory.Child("old"), recursive: true);
        var (listed, before) = await RunAsync("inspect", file, directory.Child("new"));
        Assert.Equal(0, listed);
        Assert.Contains("anonymous", before, StringComparison.Ordinal);
        Assert.Contains("all objects of all blocks are there", before, StringComparison.Ordinal);
        var (recovered, text) = await RunAsync("recover", file, directory.Child("new"));
        Assert.True(recovered == 0, text);
        Assert.Contains("start new nodes now", text, StringComparison.Ordinal);

        using (var node = await NodeProcess.StartWithFileAsync(directory.Child("new"), file))
        {
            await VerifyAsync(shipped, node);
            Assert.Equal(0, (await node.GetDataAsync("/api/v1/series?match[]=not_shipped")).GetArrayLength());

            // Generations are counted anew, in the windows that the old ones were in: nothing of either hides the other.
            await WriteAsync(shipped, node, 20);
            await node.FlushAsync();
            await WriteAsync(shipped, node, 20);
            await node.FlushAsync();
            await VerifyAsync(shipped, node);

            var (refused, why) = await RunAsync("recover", file, directory.Child("new"));
            Assert.Equal(1, refused);
            Assert.Contains("in use by another process", why, StringComparison.Ordinal);
            await node.Process.KillAsync();
        }

        // A journal that counts is not to be forgotten.
        if (coordination == "bucket")
        {
            var (refused, why) = await RunAsync("recover", file, directory.Child("new"));
            Assert.Equal(1, refused);
            Assert.Contains("nothing is lost", why, StringComparison.Ordinal);
        }

        using (var node = await NodeProcess.StartWithFileAsync(directory.Child("new"), file))
        {
            await VerifyAsync(shipped, node);
        }

        Assert.Equal(0, (await RunAsync("inspect", file, directory.Child("new"))).Code);
    }

    private static async Task<(int Code, string Output)> RunAsync(string verb, string file, string data)
    {
        using var process = new ChildProcess(NodeProcess.Program, ["bucket", verb, "--config.file", file, "--data.path", data]);
        var code = await process.WaitAsync(TimeSpan.FromSeconds(150));
        return (code, process.Output);
    }

    private static async Task WriteAsync(AcknowledgedWriter writer, NodeProcess node, int steps)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var goal = writer.Acknowledged + steps;
        var running = writer.RunAsync(() => node.Url, stop.Token);
        await Eventually.TrueAsync(
            () => Task.FromResult(writer.Acknowledged >= goal || writer.Refusal is not null), TimeSpan.FromSeconds(120), () => $"{steps} steps are acknowledged; the node's output:\n{node.Process.Output}");
        await stop.CancelAsync();
        await running;
        Assert.Null(writer.Refusal);
    }

    private static async Task VerifyAsync(AcknowledgedWriter writer, NodeProcess node)
    {
        var difference = await writer.VerifyAsync(node);
        Assert.True(difference is null, $"{difference}; the node's output:\n{node.Process.Output}");
    }

    private string Configuration(string coordination) => $$"""
        bucket:
          kind: s3
          s3:
            endpoint: {{fixture.Gateway.Endpoint.GetLeftPart(UriPartial.Authority)}}
            bucket: {{_bucket}}
            prefix: some/where
            access_key: {{RadosGateway.AccessKey}}
            secret_key: {{RadosGateway.SecretKey}}
        coordination:
          kind: {{coordination}}
        telemetry:
          self_scrape: false
        compaction:
          delay: 0s
          interval: 2s

        """;
}
