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

/// <summary>Tenants are deleted from three nodes, through each of them, while one is paused, and one killed afterwards.</summary>
public sealed class TenantDeletionTests
{
    private const int Tenants = 12;
    private const int Series = 20;
    private static readonly long Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(3);

    [Fact]
    [Trait("Category", "slow")]
    public Task WhatIsDeletedThroughOneNodeIsGoneFromAll_AlsoFromThoseThatWereAway() => RunDirectory.UseAsync("delete-tenant", async directory =>
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Store = StoreKind.Local }, directory);
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(3) };
        var left = Enumerable.Range(0, Tenants).ToHashSet();
        await PushAsync(http, cluster.Nodes[0], left, Now - 600_000);
        await MemberFixture.AgreeAsync(cluster);
        await FlushAsync(http, cluster.Nodes);
        await PushAsync(http, cluster.Nodes[1], left, Now - 60_000);
        await HaveAsync(http, cluster.Nodes, left, 2 * Series);
        for (var i = 0; i < cluster.Nodes.Count; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await DeleteAsync(http, cluster.Nodes[i], i));
            left.Remove(i);
            await HaveAsync(http, cluster.Nodes, left, 2 * Series);
        }

        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync(http, cluster.Nodes[0], Tenants));
        await MemberFixture.AgreeAsync(cluster);

        // What a paused node leads is led by others soon. Until then the answer is an error, and the request is repeated. Not the coordinator's: it would keep its
        // lease, a lock of a file, and nobody would follow it.
        using var client = new ClusterClient();
        var status = await client.DataAsync(cluster.Nodes[0], "/api/v1/cluster/status", CancellationToken.None);
        var paused = cluster.Nodes.Last(node => node.Id != status.GetProperty("coordinator").GetString());
        var others = cluster.Nodes.Where(node => node != paused).ToList();
        paused.Pause();
        for (var i = 3; i < 6; i++)
        {
            var tenant = i;
            await Eventually.TrueAsync(async () => await DeleteAsync(http, others[0], tenant) == HttpStatusCode.OK, Soon, () => $"tenant {tenant} is deleted");
            left.Remove(tenant);
        }

        await HaveAsync(http, others, left, 2 * Series);
        paused.Resume();
        await MemberFixture.AgreeAsync(cluster);
        await HaveAsync(http, cluster.Nodes, left, 2 * Series);

        var killed = cluster.Nodes[0];
        await killed.KillAsync();
        await killed.StartAsync();
        await MemberFixture.AgreeAsync(cluster);
        await HaveAsync(http, cluster.Nodes, left, 2 * Series);

        // Whoever comes back begins anew.
        await PushAsync(http, cluster.Nodes[2], [0, 3], Now - 30_000);
        await HaveAsync(http, cluster.Nodes, new HashSet<int> { 0, 3 }, Series, others: false);
        await HaveAsync(http, cluster.Nodes, left, 2 * Series, others: false);
        await MemberFixture.AgreeAsync(cluster);
        await FlushAsync(http, cluster.Nodes);
        await HaveAsync(http, cluster.Nodes, new HashSet<int> { 0, 3 }, Series, others: false);
        await HaveAsync(http, cluster.Nodes, left, 2 * Series, others: false);
    });

    /// <summary>Each node ships what it leads, and says nothing of the rest. One that is not sure to lead, on a busy machine, says so, and is asked again.</summary>
    private static async Task FlushAsync(HttpClient http, IEnumerable<IClusterNode> nodes)
    {
        foreach (var node in nodes)
        {
            var answer = string.Empty;
            await Eventually.TrueAsync(
                async () =>
                {
                    using var response = await http.PostAsync(new Uri(node.Url, "/ingester/flush"), null);
                    answer = await response.Content.ReadAsStringAsync();
                    Assert.True(response.StatusCode == HttpStatusCode.NoContent || answer.Contains("may be led by another node", StringComparison.Ordinal), answer);
                    return response.StatusCode == HttpStatusCode.NoContent;
                },
                Soon,
                () => $"{node.Name} has shipped everything: {answer}");
        }
    }

    private static string Name(int tenant) => $"tenant-{tenant.ToString(CultureInfo.InvariantCulture)}";

    private static async Task PushAsync(HttpClient http, IClusterNode node, IEnumerable<int> tenants, long time)
    {
        var request = new SeriesRequest();
        for (var i = 0; i < Series; i++)
        {
            request.Add(i, time, i);
        }

        foreach (var tenant in tenants)
        {
            Assert.Equal(HttpStatusCode.NoContent, await Pushing.PushAsync(http, node.Url, request, Name(tenant)));
        }
    }

    /// <summary>Every one of the nodes finds so many samples of the tenants in the set and, unless told otherwise, none of the other ones.</summary>
    private static async Task HaveAsync(HttpClient http, IEnumerable<IClusterNode> nodes, IReadOnlySet<int> tenants, int samples, bool others = true)
    {
        foreach (var node in nodes)
        {
            for (var tenant = 0; tenant < Tenants; tenant++)
            {
                if (others || tenants.Contains(tenant))
                {
                    Assert.Equal((node.Name, tenant, tenants.Contains(tenant) ? samples : 0), (node.Name, tenant, await StoredAsync(http, node, tenant)));
                }
            }
        }
    }

    private static async Task<int> StoredAsync(HttpClient http, IClusterNode node, int tenant)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Url, "/api/v1/query?query=sum(count_over_time(app_requests_total[1h]))"));
        message.Headers.Add("X-Scope-OrgID", Name(tenant));
        using var response = await http.SendAsync(message);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        using var json = JsonDocument.Parse(body);
        var result = json.RootElement.GetProperty("data").GetProperty("result");
        return result.GetArrayLength() == 0 ? 0 : int.Parse(result[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
    }

    private static async Task<HttpStatusCode> DeleteAsync(HttpClient http, IClusterNode node, int tenant)
    {
        using var response = await http.DeleteAsync(new Uri(node.Url, $"/api/v1/admin/tenants/{Name(tenant)}"));
        var body = await response.Content.ReadAsStringAsync();
        using var json = JsonDocument.Parse(body);
        Assert.Equal(response.IsSuccessStatusCode ? "success" : "error", json.RootElement.GetProperty("status").GetString());
        return response.StatusCode;
    }
}
