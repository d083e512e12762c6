using System.Net;
using Deucalion.Cluster.Nodes;
using Deucalion.Cluster.PastData;
using Deucalion.Cluster.Stores;
using Deucalion.Testing.Processes;
using Deucalion.Testing.RemoteWrite;
using Xunit;

namespace Deucalion.Cluster.Scenarios;

/// <summary>Two of three nodes die at once: what the third one leads it leads still, takes, and cannot commit.</summary>
public sealed class SurvivorTests
{
    private const int Pushes = 40;
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(3);

    [Fact]
    [Trait("Category", "slow")]
    public Task EveryPushIsAnswered_WhenNothingCanBeCommitted_AndTakenOnceTheOthersAreBack() => RunDirectory.UseAsync("survivor", async directory =>
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Store = StoreKind.Local }, directory);
        using var http = new HttpClient { Timeout = Soon };
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        Assert.Equal(HttpStatusCode.NoContent, await PushAsync(http, cluster.Nodes[0], now - 60_000));
        await MemberFixture.AgreeAsync(cluster);
        foreach (var node in cluster.Nodes.Skip(1))
        {
            await node.KillAsync();
        }

        // The time limit of the client stands for "for ever".
        var answers = await Task.WhenAll(Enumerable.Range(0, Pushes).Select(i => PushAsync(http, cluster.Nodes[0], now + i)));
        Assert.Equal([HttpStatusCode.ServiceUnavailable], answers.Distinct());

        foreach (var node in cluster.Nodes.Skip(1))
        {
            await node.StartAsync();
        }

        await Eventually.TrueAsync(async () => await PushAsync(http, cluster.Nodes[0], now + Pushes) == HttpStatusCode.NoContent, Soon, static () => "pushes are taken again");
        await MemberFixture.AgreeAsync(cluster);
    });

    private static Task<HttpStatusCode> PushAsync(HttpClient http, IClusterNode node, long time)
    {
        var request = new SeriesRequest();
        request.Add(1, time, 1);
        return Pushing.PushAsync(http, node.Url, request, "anonymous");
    }
}
