using Deucalion.Interop.Kit;
using Deucalion.Testing.Azure;
using Deucalion.Testing.Processes;
using Xunit;

namespace Deucalion.Interop.Buckets;

/// <summary>A node whose bucket is a container of Azure Blob Storage.</summary>
[Trait("Category", "slow")]
public sealed class AzureNodeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnswersWhatItShipped_AlsoWithoutItsDisk()
    {
        await using var azurite = await Azurite.StartAsync();
        await azurite.CreateContainerAsync("metrics");
        using var directory = new TemporaryDirectory();
        var configuration = $"""
            bucket:
              kind: azure
              azure:
                account: {Azurite.Account}
                container: metrics
                prefix: some/where
                endpoint: {azurite.Options("metrics").Endpoint}
                account_key: {Azurite.AccountKey}
            coordination:
              kind: local
            telemetry:
              self_scrape: false

            """;
        var writer = new AcknowledgedWriter("shipped", 0, 10, (DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 7200) * 1000);
        using (var node = await NodeProcess.StartAsync(directory.Child("old"), configuration))
        {
            await WriteAsync(writer, node, 30);
            await node.FlushAsync();
            Assert.Null(await writer.VerifyAsync(node));
            Assert.DoesNotContain(Azurite.AccountKey, await node.Http.GetStringAsync(new Uri("/api/v1/status/config", UriKind.Relative), Token), StringComparison.Ordinal);
            await node.Process.KillAsync();
            Assert.DoesNotContain(Azurite.AccountKey, node.Process.Output, StringComparison.Ordinal);
        }

        using (var node = await NodeProcess.StartAsync(directory.Child("new"), configuration))
        {
            Assert.Null(await writer.VerifyAsync(node));
            await WriteAsync(writer, node, 10);
            await node.FlushAsync();
            Assert.Null(await writer.VerifyAsync(node));
        }
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
}
