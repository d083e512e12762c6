using System.Text.Json;
using Deucalion.Node.Http;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Membership;
using Deucalion.Testing.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Deucalion.Node.Tests.Cli;

public sealed class ClusterCommandTests : IAsyncLifetime
{
    private FakeCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await FakeCluster.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task ShowsTheClusterInLines_WhenAskedForItsStatus()
    {
        var outcome = await _cluster.RunAsync("status");
        Assert.Equal(
            """
            coordinator   20a8e971
            nodes         2 active, 1 dead
            partitions    1 healthy, 1 under-replicated
            under way     1 replica catching up
            new ones get  3 replicas, at least 2 in sync
            leases read   2026-01-02 03:04:05 UTC

            """,
            outcome.Output);
        Assert.Equal((0, string.Empty), (outcome.ExitCode, outcome.Errors));
    }

    [Fact]
    public async Task SaysWhatTheNumbersAreWorth_WhenTheStoreOrTheCoordinatorIsAway()
    {
        _cluster.Status = _cluster.Status with { IsFrozen = true, FromCoordinator = false, Coordinator = null };
        var outcome = await _cluster.RunAsync("status");
        Assert.Contains("none is known", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("The coordination store cannot be reached", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("No coordinator answers", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AlignsColumns_WhenNodesAreListed()
    {
        _cluster.Nodes[2] = FakeCluster.NodeOf(FakeCluster.Third, string.Empty, NodeState.Leaving) with { IsAlive = false, Primaries = 0, Replicas = 120 };
        var outcome = await _cluster.RunAsync("nodes");
        Assert.Equal(
            """
            NODE                              ZONE  STATE     FOR  LEADS  HOLDS  LEARNS  VERSION  HTTP           ADDRESS
            20a8e9719bfa19bf327f6883c400b18f  a     active  1h02m      1      1       0  0.2.0    10.0.0.1:9009  10.0.0.1:9095
            20a8f7dd0b3ef192e4f3c49c6edfb4aa  b     active  1h02m      1      1       0  0.2.0    10.0.0.1:9009  10.0.0.1:9095
            51a55532bd35c00ccbb8f07d055fe931  -     dead    1h02m      0    120       0  0.2.0    10.0.0.1:9009  10.0.0.1:9095

            """,
            outcome.Output);
    }

    [Fact]
    public async Task MarksNodesThatLagBehindTheView_WhenNodesAreListed()
    {
        _cluster.Nodes[1] = _cluster.Nodes[1] with { IsInformed = false };
        _cluster.Nodes[2] = FakeCluster.NodeOf(FakeCluster.Third, "c", NodeState.Leaving) with { IsInformed = false, Replicas = 0 };
        var lines = (await _cluster.RunAsync("nodes")).Output.Split('\n');
        Assert.DoesNotContain("not informed", lines[1], StringComparison.Ordinal);
        Assert.Contains("active, not informed", lines[2], StringComparison.Ordinal);
        Assert.Contains("empty, not informed", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ShortensIds_WhenPartitionsAreListed()
    {
        _cluster.Partitions = [.. _cluster.Partitions, FakeCluster.PartitionOf(112, FakeCluster.Second, [FakeCluster.Second], []) with { Step = null, WantedReplicationFactor = 5, Lags = [] }];
        var outcome = await _cluster.RunAsync("partitions");
        Assert.Equal(
            """
            PARTITION  HEALTH            TERM  PRIMARY   IN SYNC            LEARNERS  BEHIND   RF  NEXT
                    7  under-replicated    12  20a8e971  20a8e971 20a8f7dd  51a55532  ?         3  repair: to 51a55532
                  112  under-replicated    12  20a8f7dd  20a8f7dd           -         -       3>5  -

            """,
            outcome.Output);
    }

    [Fact]
    public async Task TellsWhatReplicasLack_WhenPartitionsAreListed()
    {
        _cluster.Partitions =
        [
            _cluster.Partitions[0] with
            {
                Lags = [new ReplicaLag(FakeCluster.Second, 0, 0), new ReplicaLag(FakeCluster.Third, 12345, 3.2)],
            },
            _cluster.Partitions[0] with
            {
                Lags = [new ReplicaLag(FakeCluster.Second, 1, 0.4), new ReplicaLag(FakeCluster.Third, null, 3725)],
            },
        ];
        var lines = (await _cluster.RunAsync("partitions")).Output.Split('\n');
        Assert.Contains("  51a55532 12345/3s ", lines[1], StringComparison.Ordinal);
        Assert.Contains("  20a8f7dd 1/0s 51a55532 ?/1h02m ", lines[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("nodes")]
    [InlineData("partitions")]
    public async Task PrintsTheDataAsItIs_WhenJsonIsWanted(string verb)
    {
        using var http = new HttpClient();
        var answer = await http.GetStringAsync($"{_cluster.Url}/api/v1/cluster/{verb}", TestContext.Current.CancellationToken);
        using var expected = JsonDocument.Parse(answer);
        using var printed = JsonDocument.Parse((await _cluster.RunAsync(verb, "--json")).Output);
        Assert.True(JsonElement.DeepEquals(expected.RootElement.GetProperty("data"), printed.RootElement));
    }

    [Theory]
    [InlineData("drain 51a5", $"drain node={FakeCluster.Third}")]
    [InlineData("undrain 20A8E", $"undrain node={FakeCluster.First}")]
    [InlineData("move 7 --from 20a8e --to 51a5", $"move partition=7 from={FakeCluster.First} to={FakeCluster.Third}")]
    [InlineData("set --rf 3", "set rf=3")]
    [InlineData("set --rf 5 --min-in-sync 2 --partition 7", "set rf=5 min_in_sync=2 partition=7")]
    [InlineData("force-elect 7 --node 51a55", $"force-elect partition=7 node={FakeCluster.Third}")]
    [InlineData("force-elect 7 --node 51a55 --accept-loss", $"force-elect partition=7 node={FakeCluster.Third} accept_loss=true")]
    public async Task SendsWholeIds_WhenACommandIsGiven(string arguments, string expected)
    {
        var outcome = await _cluster.RunAsync(arguments.Split(' '));
        Assert.Equal((0, string.Empty), (outcome.ExitCode, outcome.Errors));
        Assert.Equal([expected], _cluster.Commands);
        Assert.NotEmpty(outcome.Output);
    }

    [Theory]
    [InlineData("drain 51a5", "said")]
    [InlineData("move 7 --from 20a8e --to 51a5", "said")]
    [InlineData("set --rf 3", "said; 'deucalion cluster status' shows when they are there")]
    public async Task PrintsWhatTheCoordinatorSaysOfIt_WhenItSaysSomething(string arguments, string expected)
    {
        _cluster.Text = "said";
        var outcome = await _cluster.RunAsync(arguments.Split(' '));
        Assert.Equal((0, expected + Environment.NewLine), (outcome.ExitCode, outcome.Output));
    }

    [Fact]
    public async Task AsksNobodyWhoThatIs_WhenTheIdIsWhole()
    {
        var unknown = new string('F', 32);
        await _cluster.RunAsync("undrain", unknown);
        Assert.Equal([$"undrain node={unknown.ToLowerInvariant()}"], _cluster.Commands);
        Assert.Equal(0, _cluster.NodesAsked);
    }

    [Theory]
    [InlineData("20a8", "may be each of 20a8e9719bfa19bf327f6883c400b18f, 20a8f7dd0b3ef192e4f3c49c6edfb4aa")]
    [InlineData("0000", "there is no node '0000'")]
    public async Task Refuses_WhenNotExactlyOneNodeBeginsLikeThat(string node, string expected)
    {
        var outcome = await _cluster.RunAsync("drain", node);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(expected, outcome.Errors, StringComparison.Ordinal);
        Assert.Empty(_cluster.Commands);
    }

    [Theory]
    [InlineData("drain")]
    [InlineData("drain 51a")]
    [InlineData("drain 51ax")]
    [InlineData("move 7 --from 20a8e")]
    [InlineData("move seven --from 20a8e --to 51a5")]
    [InlineData("set")]
    [InlineData("set --rf many")]
    [InlineData("force-elect 7")]
    [InlineData("nothing")]
    public async Task ExitsWithUsage_WhenItIsNoCommand(string arguments)
    {
        var outcome = await _cluster.RunAsync(arguments.Split(' '));
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("deucalion: ", outcome.Errors, StringComparison.Ordinal);
        Assert.Empty(_cluster.Commands);
    }

    [Fact]
    public async Task PrintsTheReason_WhenTheClusterRefuses()
    {
        _cluster.Refuse = static _ => (409, new { status = "error", errorType = "conflict", error = "node x takes no replicas now" });
        var outcome = await _cluster.RunAsync("move", "7", "--from", "20a8e", "--to", "51a5");
        Assert.Equal((1, string.Empty, $"deucalion: node x takes no replicas now{Environment.NewLine}"), (outcome.ExitCode, outcome.Output, outcome.Errors));
    }

    [Fact]
    public async Task TellsHowFarItIs_UntilNothingIsLeftOnADrainedNode()
    {
        var polls = 0;
        _cluster.Refuse = name =>
        {
            _cluster.Nodes[2] = FakeCluster.NodeOf(FakeCluster.Third, "c", NodeState.Leaving);
            return null;
        };
        _cluster.OnNodesAsked = () => _cluster.Partitions = polls++ < 3 ? _cluster.Partitions : [FakeCluster.PartitionOf(7, FakeCluster.First, [FakeCluster.First], [])];
        var outcome = await _cluster.RunAsync("drain", "51a5", "--wait");
        Assert.Equal(
            $"""
            node {FakeCluster.Third} is drained
            1 replica left, of which it leads 0
            nothing is left on node {FakeCluster.Third}: it can be stopped

            """,
            outcome.Output);
        Assert.Equal(0, outcome.ExitCode);
        Assert.True(polls > 3);
    }

    [Fact]
    public async Task StopsWaiting_WhenTheDrainedNodeIsToldToStay()
    {
        var polls = 0;
        _cluster.OnNodesAsked = () => _cluster.Nodes[2] = FakeCluster.NodeOf(FakeCluster.Third, "c", polls++ < 2 ? NodeState.Leaving : NodeState.Joining);
        var outcome = await _cluster.RunAsync("drain", "51a5", "--wait", "--json");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal(1, JsonDocument.Parse(outcome.Output).RootElement.GetProperty("left").GetInt32());
        Assert.Contains("is not drained any more", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SaysWhereItAsked_WhenNoNodeAnswers()
    {
        var url = $"127.0.0.1:{Ports.Free()}";
        var outcome = await FakeCluster.RunAtAsync(url, "status");
        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith($"deucalion: the node at http://{url}/ cannot be reached: ", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains("--url", outcome.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense://x")]
    [InlineData("http://")]
    public async Task ExitsWithUsage_WhenTheUrlIsNone(string url) => Assert.Equal(2, (await FakeCluster.RunAtAsync(url, "status")).ExitCode);

    [Theory]
    [InlineData("alone", "cluster.listen")]
    [InlineData("querier", "role ingester")]
    [InlineData("before", "cluster.listen")]
    public async Task NamesTheKey_WhenTheNodeIsNotPartOfACluster(string kind, string expected)
    {
        await using var node = await StartAsync(app =>
        {
            if (kind != "before")
            {
                app.MapNoCluster(isConfigured: kind == "querier");
            }
        });
        foreach (var verb in new[] { "status", "set --rf 3" })
        {
            var outcome = await FakeCluster.RunAtAsync(node.Urls.Single(), verb.Split(' '));
            Assert.Equal(1, outcome.ExitCode);
            Assert.Contains("not part of", outcome.Errors, StringComparison.Ordinal);
            Assert.Contains(expected, outcome.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AnswersInPrometheusShape_WhenANodeRunsAlone()
    {
        var cancelled = TestContext.Current.CancellationToken;
        await using var node = await StartAsync(static app => app.MapNoCluster(isConfigured: false));
        using var http = new HttpClient();
        foreach (var prefix in new[] { string.Empty, "/prometheus" })
        {
            using var response = await http.GetAsync($"{node.Urls.Single()}{prefix}/api/v1/cluster/status", cancelled);
            Assert.Equal(404, (int)response.StatusCode);
            Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
            using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancelled));
            Assert.Equal("error", body.RootElement.GetProperty("status").GetString());
            Assert.Equal("not_found", body.RootElement.GetProperty("errorType").GetString());
        }
    }

    [Theory]
    [InlineData(503, "Service Unavailable: starting", "answers 503: Service Unavailable: starting")]
    [InlineData(200, "<html>something else</html>", "answers 200: <html>something else</html>")]
    [InlineData(200, """{"status":"success","data":{"healthy":"many"}}""", "is not understood")]
    [InlineData(500, "", "answers 500: no text")]
    public async Task ShowsTheAnswer_WhenItIsNotTheApis(int status, string body, string expected)
    {
        await using var node = await StartAsync(app => app.Map("/{**rest}", async context =>
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(body);
        }));
        var outcome = await FakeCluster.RunAtAsync(node.Urls.Single(), "status");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(expected, outcome.Errors, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartAsync(Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return app;
    }
}
