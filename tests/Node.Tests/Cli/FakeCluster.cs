using System.Collections.Concurrent;
using Deucalion.Node.Cli;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Membership;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Deucalion.Node.Tests.Cli;

/// <summary>A node on 127.0.0.1 that tells what a test wants of a cluster of three, and notes the commands that it is given.</summary>
internal sealed class FakeCluster : IAsyncDisposable
{
    public const string First = "20a8e9719bfa19bf327f6883c400b18f";
    public const string Second = "20a8f7dd0b3ef192e4f3c49c6edfb4aa";
    public const string Third = "51a55532bd35c00ccbb8f07d055fe931";

    private readonly WebApplication _app;

    private FakeCluster(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    /// <summary>Commands in their order, as <c>name a=b c=d</c>.</summary>
    public ConcurrentQueue<string> Commands { get; } = [];

    /// <summary>How often the nodes were asked for.</summary>
    public int NodesAsked { get; private set; }

    public ClusterStatus Status { get; set; } = new()
    {
        Coordinator = First,
        FromCoordinator = true,
        ReadAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        IsFrozen = false,
        ReplicationFactor = 3,
        MinInSync = 2,
        JoiningNodes = 0,
        ActiveNodes = 2,
        LeavingNodes = 0,
        DeadNodes = 1,
        Healthy = 1,
        UnderReplicated = 1,
        WithoutPrimary = 0,
        MovesUnderWay = 1,
        Unsettled = 0,
    };

    public List<NodeStatus> Nodes { get; } = [NodeOf(First, "a", NodeState.Active), NodeOf(Second, "b", NodeState.Active), NodeOf(Third, "c", NodeState.Active)];

    public List<PartitionStatus> Partitions { get; set; } = [PartitionOf(7, First, [First, Second], [Third])];

    /// <summary>What a command is answered with; null: success.</summary>
    public Func<string, (int Status, object Body)?> Refuse { get; set; } = static _ => null;

    /// <summary>What the coordinator says of a command; null: nothing.</summary>
    public string? Text { get; set; }

    /// <summary>Called before each answer about nodes.</summary>
    public Action OnNodesAsked { get; set; } = static () => { };

    public static NodeStatus NodeOf(string id, string zone, NodeState state) => new()
    {
        Record = new NodeRecord(id, "10.0.0.1:9095", "10.0.0.1:9009", zone, ["ingester"], state, 1, "0.2.0"),
        IsAlive = true,
        ForSeconds = 3725,
        IsInformed = true,
        Primaries = 1,
        Replicas = 1,
        Learners = 0,
    };

    public static PartitionStatus PartitionOf(int partition, string primary, string[] inSync, string[] learners) => new()
    {
        Partition = partition,
        State = PartitionHealth.UnderReplicated,
        Term = 12,
        Version = 20,
        ReplicationFactor = 3,
        MinInSync = 2,
        WantedReplicationFactor = 3,
        WantedMinInSync = 2,
        Primary = primary,
        InSync = inSync,
        Learners = learners,
        Step = $"repair: to {Third}",
    };

    public static async Task<FakeCluster> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var cluster = new FakeCluster(app);
        app.MapGet("/api/v1/cluster/status", () => Success(cluster.Status));
        app.MapGet("/api/v1/cluster/nodes", () =>
        {
            cluster.NodesAsked++;
            cluster.OnNodesAsked();
            return Success(cluster.Nodes);
        });
        app.MapGet("/api/v1/cluster/partitions", () => Success(cluster.Partitions));
        app.MapPost("/api/v1/cluster/{name}", async (HttpRequest request, string name) =>
        {
            var form = await request.ReadFormAsync();
            cluster.Commands.Enqueue(string.Join(' ', form.Select(static field => $"{field.Key}={field.Value}").Prepend(name)));
            return cluster.Refuse(name) is { } refusal ? Results.Json(refusal.Body, statusCode: refusal.Status) : cluster.Text is { } text ? Success(new { text, left = 1 }) : Success(new { left = 1 });
        });
        await app.StartAsync();
        return cluster;
    }

    /// <summary>Runs <c>deucalion cluster ...</c> against it.</summary>
    public Task<Outcome> RunAsync(params string[] arguments) => RunAtAsync(Url, arguments);

    public static async Task<Outcome> RunAtAsync(string url, params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var exitCode = await CommandLine.RunAsync(["cluster", .. arguments, "--url", url], output, errors);
        return new Outcome(exitCode, output.ToString(), errors.ToString());
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static IResult Success<T>(T data) => Results.Json(new { status = "success", data });

    internal sealed record Outcome(int ExitCode, string Output, string Errors);
}
