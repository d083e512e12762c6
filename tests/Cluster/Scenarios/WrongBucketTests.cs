using Deucalion.Cluster.Nodes;
using Deucalion.Cluster.Stores;
using Xunit;

namespace Deucalion.Cluster.Scenarios;

/// <summary>A node that by mistake has a bucket of its own would ship where nobody else looks.</summary>
public sealed class WrongBucketTests
{
    [Fact]
    [Trait("Category", "slow")]
    public Task ANodeOverAnotherBucketDoesNotStart() => RunDirectory.UseAsync("wrong-bucket", async directory =>
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Nodes = 2, Store = StoreKind.Etcd }, directory);
        var node = (ClusterNode)cluster.Nodes[1];
        await node.KillAsync();
        await node.StartAsync();
        await node.ChangeAsync("bucket.path", directory.Child("another-bucket"));
        await node.KillAsync();

        await node.IsRefusedAsync("is not that of the cluster that it would be in");
    });
}
