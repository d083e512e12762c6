using System.Globalization;
using System.Text.Json;
using Deucalion.Cluster.Checking;
using Deucalion.Cluster.Nodes;
using Deucalion.Testing.Processes;
using Deucalion.Testing.RemoteWrite;
using Xunit;

namespace Deucalion.Cluster.Scenarios;

/// <summary><c>./run cluster</c>, by which a cluster is tried on one machine, with the program under test on ports and in a directory of the test's.</summary>
public sealed class RunClusterTests
{
    private const int Nodes = 3;
    private const string Tenant = "anonymous";
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Category", "slow")]
    public Task StartsThreeNodes_KillsOne_BringsItBack_AndStopsThem(bool withTls) => RunDirectory.UseAsync(withTls ? "run-tls" : "run", async directory =>
    {
        var http = Ports.Free(Nodes);
        var environment = new Dictionary<string, string>
        {
            ["DEUCALION_CLUSTER_PROGRAM"] = NodeProgram.Path,
            ["DEUCALION_CLUSTER_DATA"] = directory.Child("cluster"),
            ["DEUCALION_CLUSTER_HTTP_PORT"] = Text(http),
            ["DEUCALION_CLUSTER_PORT"] = Text(Ports.Free(Nodes)),
        };
        using var cluster = Start(environment, withTls ? ["--tls"] : []);
        try
        {
            await SaysAsync(cluster, "Ctrl-C stops all");
            var status = await RunAsync(environment, 0, "status");
            for (var node = 1; node <= Nodes; node++)
            {
                Assert.Matches($@"node{node}  process \d+  ready  {UrlOf(http, node).GetLeftPart(UriPartial.Authority)}\n", status);
                Assert.Equal(withTls, await UsesCertificatesAsync(UrlOf(http, node)));
            }

            Assert.Matches("nodes +3 active\n", status);
            Assert.Contains("runs already", await RunAsync(environment, 2), StringComparison.Ordinal);
            await PushAsync(UrlOf(http, 1));

            Assert.Contains("node2 is killed", await RunAsync(environment, 0, "kill", "2"), StringComparison.Ordinal);
            await SaysAsync(cluster, "node2 is down");
            Assert.Contains("node2  down\n", await RunAsync(environment, 0, "status"), StringComparison.Ordinal);
            Assert.Contains("does not run", await RunAsync(environment, 2, "kill", "2"), StringComparison.Ordinal);
            Assert.Contains($"node2  {UrlOf(http, 2).GetLeftPart(UriPartial.Authority)}  zone-2", await RunAsync(environment, 0, "start", "2"), StringComparison.Ordinal);
            await SaysAsync(cluster, "node2 is up");
            await Eventually.TrueAsync(() => HasItAsync(UrlOf(http, 2)), Soon, static () => "node2 answers with what node1 took");

            Assert.Contains("node3 stops", await RunAsync(environment, 0, "stop"), StringComparison.Ordinal);
            Assert.Equal(0, await cluster.WaitAsync(Soon));
            Assert.Equal("node1  down\nnode2  down\nnode3  down\n", await RunAsync(environment, 0, "status"));
        }
        finally
        {
            using var stop = Start(environment, "stop");
            await stop.WaitAsync(Soon);
        }
    });

    private static ChildProcess Start(Dictionary<string, string> environment, params IReadOnlyList<string> arguments) =>
        new(Path.Combine(NodeProgram.RepositoryRoot(), "run"), ["cluster", .. arguments], environment: environment);

    private static async Task<string> RunAsync(Dictionary<string, string> environment, int expected, params IReadOnlyList<string> arguments)
    {
        using var script = Start(environment, arguments);
        var code = await script.WaitAsync(Soon);
        Assert.True(code == expected, $"./run cluster {string.Join(' ', arguments)} ended with {code}, not with {expected}: {script.Output}");
        return script.Output;
    }

    private static Task SaysAsync(ChildProcess script, string text) => Eventually.TrueAsync(
        () => script.HasExited
            ? throw new InvalidOperationException($"./run cluster has ended: {script.Output}")
            : Task.FromResult(script.Output.Contains(text, StringComparison.Ordinal)),
        Soon,
        () => $"./run cluster says '{text}': {script.Output}");

    private static async Task<bool> UsesCertificatesAsync(Uri node)
    {
        using var http = new HttpClient();
        return (await http.GetStringAsync(new Uri(node, "/metrics"))).Contains("deucalion_wire_certificate_expiry_timestamp_seconds{purpose=\"cluster\"}", StringComparison.Ordinal);
    }

    private static async Task PushAsync(Uri node)
    {
        using var http = new HttpClient { BaseAddress = node, Timeout = Soon };
        var request = new WriteRequestEncoder();
        request.Series([("__name__", "run_cluster")], [(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), 42)]);
        await Pushing.PushAsync(http, request);
    }

    private static async Task<bool> HasItAsync(Uri node)
    {
        using var client = new ClusterClient();
        return await client.AskAsync(node, Tenant, "/api/v1/query?query=last_over_time(run_cluster[1h])", CancellationToken.None) is Answer.Data { Json: var data }
            && data.GetProperty("result") is { ValueKind: JsonValueKind.Array } result && result.GetArrayLength() == 1
            && result[0].GetProperty("value")[1].GetString() == "42";
    }

    private static Uri UrlOf(int http, int node) => new($"http://127.0.0.1:{Text(http + node - 1)}");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
