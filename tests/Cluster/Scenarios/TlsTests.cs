using Deucalion.Cluster.Checking;
using Deucalion.Cluster.Nodes;
using Deucalion.Cluster.Stores;
using Deucalion.Testing.Wire;
using Xunit;

namespace Deucalion.Cluster.Scenarios;

/// <summary>Nodes that speak mutual TLS: a primary's dies and comes back, all get new certificates meanwhile, and one whose certificate is somebody else's does not get in.</summary>
public sealed class TlsTests(ITestOutputHelper output) : IDisposable
{
    private const double ValidDays = 5;
    private const double LaterDays = 8;

    // Files are looked at every 10 s, and once more if that happened between two of them.
    private static readonly TimeSpan Reloaded = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(30);

    private readonly TestCertificates _ours = new();
    private readonly TestCertificates _others = new();
    private readonly ClusterClient _client = new();

    public void Dispose()
    {
        _ours.Dispose();
        _others.Dispose();
        _client.Dispose();
    }

    [Fact]
    [Trait("Category", "slow")]
    public Task KeepsItsPromises_OverMutualTls_WhenThePrimaryIsKilled_AndCertificatesAreReplaced() => RunDirectory.UseAsync("tls", async directory =>
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Store = StoreKind.Local, NodeSettings = name => SettingsOf(_ours, name) }, directory);
        var scenario = new Scenario("tls", "over mutual TLS, kill -9 of the node that leads most partitions, while all certificates are replaced", run => ReplaceAsync(run, cluster));
        output.WriteLine((await ScenarioRun.RunAsync(scenario, cluster, ScenarioTimes.For(StoreKind.Local).Shorter(), directory)).ToString());
    });

    private async Task ReplaceAsync(ScenarioRun run, TestCluster cluster)
    {
        var victim = await run.PrimaryAsync();
        run.Mark($"{victim.Name}, primary of most partitions, is killed");
        await victim.KillAsync();
        await run.WritesResumeAsync();
        var expiries = cluster.Nodes.ToDictionary(static node => node, node => _ours.Replace(node.Name, LaterDays));
        await ShownAsync(run, expiries.Where(pair => pair.Key != victim));
        await run.GoodputReturnsAsync();
        await victim.StartAsync();
        await run.RedundancyReturnsAsync();
        await ShownAsync(run, expiries);

        // What stands keeps the certificates of before: everything is connected anew.
        run.Mark("all connections between nodes are reset");
        foreach (var (one, other) in cluster.Nodes.SelectMany(one => cluster.Nodes.Where(other => other != one).Select(other => (one, other))))
        {
            cluster.Network.Cut(one.Name, other.Name);
        }

        cluster.Network.Heal();
        await run.WritesGoOnAsync();
        await IsTurnedAwayAsync(run, cluster);
        await run.GoodputReturnsAsync();
        await run.RedundancyReturnsAsync();
    }

    /// <summary>It reaches the store, so it is seen, and believes the others; but they do not believe it.</summary>
    private async Task IsTurnedAwayAsync(ScenarioRun run, TestCluster cluster)
    {
        var stranger = await cluster.StartOutsiderAsync(cluster.Nodes[0].Zone, name => SettingsOf(_others, name));
        var shell = new ClusterCommandLine(cluster.Nodes[0].Url);
        await run.UntilAsync(
            async () =>
            {
                var row = (await shell.DoneAsync("nodes")).Split('\n').FirstOrDefault(line => line.Contains(stranger.Url.Authority, StringComparison.Ordinal));
                return row?.Contains(" joining, not informed ", StringComparison.Ordinal) == true ? null : row ?? "it is not listed";
            },
            Noticed,
            "a node with a certificate of another authority is seen, and is no member");
        await run.UntilAsync(
            async () =>
            {
                foreach (var node in cluster.Nodes)
                {
                    if (await _client.CounterAsync(node, "deucalion_wire_refused_certificates_total", CancellationToken.None) == 0)
                    {
                        return $"{node.Name} has refused none";
                    }
                }

                return null;
            },
            Noticed,
            "every node has refused its certificate");
        run.Expect(
            !await stranger.IsReadyAsync() && (await shell.DoneAsync("status")).Contains("3 active, 1 joining", StringComparison.Ordinal), "the stranger is not ready, and joins for ever");
        await stranger.KillAsync();
    }

    /// <summary>The certificates in use are those that expire then.</summary>
    private Task ShownAsync(ScenarioRun run, IEnumerable<KeyValuePair<IClusterNode, DateTimeOffset>> expiries) => run.UntilAsync(
        async () =>
        {
            foreach (var (node, expiry) in expiries)
            {
                if (await _client.CounterAsync(node, "deucalion_wire_certificate_expiry_timestamp_seconds", CancellationToken.None) != expiry.ToUnixTimeSeconds())
                {
                    return $"{node.Name} uses another one";
                }
            }

            return null;
        },
        Reloaded,
        "nodes use their new certificates");

    private Dictionary<string, string> SettingsOf(TestCertificates authority, string name)
    {
        var files = authority.Write(name, validUntilDays: ValidDays);
        return new Dictionary<string, string> { ["cluster.tls.cert_file"] = files.CertFile!, ["cluster.tls.key_file"] = files.KeyFile!, ["cluster.tls.ca_file"] = _ours.CaFile };
    }
}
