using System.Globalization;
using System.Net;
using System.Text.Json;
using Deucalion.Cluster.Checking;
using Deucalion.Cluster.Nodes;
using Deucalion.Cluster.PastData;
using Deucalion.Cluster.Stores;
using Deucalion.Testing.Processes;
using Deucalion.Testing.RemoteWrite;
using Xunit;

namespace Deucalion.Cluster.Scenarios;

/// <summary>A node that was alone, with samples in its journal only, becomes the first of three over another store, and can be lost then.</summary>
public sealed class GrowthTests
{
    private const int Tenants = 5;
    private const int Series = 20;
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(StoreKind.Etcd, true)]
    [InlineData(StoreKind.Bucket, false)]
    [InlineData(StoreKind.Local, true)]
    [Trait("Category", "slow")]
    public Task WhatANodeTookAlone_IsAnsweredByThree_AndWithoutIt(StoreKind store, bool isKilled) => RunDirectory.UseAsync($"growth-{store}", async directory =>
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Nodes = 1, Store = store, FirstIsAlone = true }, directory);
        using var http = new HttpClient { Timeout = Soon };
        using var client = new ClusterClient();
        var first = (ClusterNode)cluster.Nodes[0];
        await PushAsync(http, first, Now - 60_000);
        await (isKilled ? first.KillAsync() : first.StopAsync());

        first.IsAlone = false;
        await first.StartAsync();
        await HaveAsync(http, cluster.Nodes, Series);
        await cluster.AddAsync(ClusterOptions.ZoneName(1));
        await cluster.AddAsync(ClusterOptions.ZoneName(2));
        await PushAsync(http, cluster.Nodes[2], Now - 30_000);
        await HaveAsync(http, cluster.Nodes, 2 * Series);

        using (var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["rf"] = "3" }))
        using (var response = await http.PostAsync(new Uri(cluster.Nodes[1].Url, "/api/v1/cluster/set"), form))
        {
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        }

        await Eventually.TrueAsync(
            async () => (await ClusterState.ReadAsync(cluster, client, withDigests: false, CancellationToken.None)).Entries.All(static entry => entry.InSync.Count == 3),
            Soon,
            static () => "every partition has three replicas in sync");
        await MemberFixture.AgreeAsync(cluster);
        await HaveAsync(http, cluster.Nodes, 2 * Series);

        await first.KillAsync();
        var left = cluster.Nodes.Skip(1).ToList();
        await HaveAsync(http, left, 2 * Series);
        await PushAsync(http, left[0], Now);
        await HaveAsync(http, left, 3 * Series);

        // With the settings of before it would lead what others lead.
        first.IsAlone = true;
        await first.IsRefusedAsync("was carried over into the coordination store");
        first.IsAlone = false;
        await first.StartAsync();
        await MemberFixture.AgreeAsync(cluster);
        await HaveAsync(http, cluster.Nodes, 3 * Series);
    });

    /// <summary>To be acknowledged as soon as somebody leads.</summary>
    private static async Task PushAsync(HttpClient http, IClusterNode node, long time)
    {
        var request = new SeriesRequest();
        for (var i = 0; i < Series; i++)
        {
            request.Add(i, time, i);
        }

        for (var i = 0; i < Tenants; i++)
        {
            var tenant = Name(i);
            await Eventually.TrueAsync(async () => await Pushing.PushAsync(http, node.Url, request, tenant) == HttpStatusCode.NoContent, Soon, () => $"{node.Name} takes samples of {tenant}");
        }
    }

    /// <summary>Each of the nodes answers with so many samples of every tenant: fewer are never said, an error may be until somebody leads.</summary>
    private static async Task HaveAsync(HttpClient http, IEnumerable<IClusterNode> nodes, int samples)
    {
        foreach (var node in nodes)
        {
            for (var i = 0; i < Tenants; i++)
            {
                var (tenant, answer) = (Name(i), string.Empty);
                await Eventually.TrueAsync(
                    async () =>
                    {
                        using var message = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Url, "/api/v1/query?query=sum(count_over_time(app_requests_total[1h]))"));
                        message.Headers.Add("X-Scope-OrgID", tenant);
                        using var response = await http.SendAsync(message);
                        answer = await response.Content.ReadAsStringAsync();
                        return response.IsSuccessStatusCode;
                    },
                    Soon,
                    () => $"{node.Name} answers for {tenant}: {answer}");
                using var json = JsonDocument.Parse(answer);
                var found = json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(static x => x.GetProperty("value")[1].GetString());
                Assert.Equal((node.Name, tenant, samples.ToString(CultureInfo.InvariantCulture)), (node.Name, tenant, found.SingleOrDefault()));
            }
        }
    }

    private static string Name(int tenant) => $"tenant-{tenant.ToString(CultureInfo.InvariantCulture)}";
}
