using System.Text.Json;
using System.Text.Json.Nodes;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Membership;
using Microsoft.Playwright;

namespace Deucalion.Interop.Browser;

/// <summary>A cluster of three nodes in three zones that only a page sees: its questions are answered here, in the node's own types.</summary>
internal sealed class ShownCluster
{
    public static readonly string Harbour = new('a', 32);
    public static readonly string Island = new('b', 32);
    public static readonly string Mainland = new('c', 32);

    public PartitionStatus[] Partitions { get; set; } =
    [
        Of(0, term: 3, replicas: 3, [Harbour, Island, Mainland]) with { Lags = [new(Island, 0, 0), new(Mainland, 0, 0)] },
        Of(1, term: 7, replicas: 2, [Island, Harbour]) with
        {
            State = PartitionHealth.UnderReplicated,
            WantedReplicationFactor = 3,
            Learners = [Mainland],
            Lags = [new(Harbour, 0, 0), new(Mainland, 12345, 125)],
            Step = $"repair: to {Mainland}",
        },
        Of(2, term: 1, replicas: 2, [Mainland, Island]) with
        {
            Learners = [Harbour],
            Lags = [new(Island, 7, 1.5), new(Harbour, null, 65)],
            Step = $"move: from {Island} to {Harbour}",
        },
        Of(3, term: 5, replicas: 2, [Harbour, Island]) with { Step = $"balance: hand-off to {Island}" },
    ];

    /// <summary>Has all that a page asks of its cluster answered by this one.</summary>
    public Task ShowToAsync(IPage page) => page.RouteAsync("**/api/v1/cluster/*", route => AnswerAsync(route));

    private Task AnswerAsync(IRoute route) => new Uri(route.Request.Url).Segments[^1] switch
    {
        "status" => GiveAsync(route, Status()),
        "nodes" => GiveAsync(route, new[] { Node(Harbour, "harbour"), Node(Island, "island"), Node(Mainland, "mainland") }),
        "partitions" => GiveAsync(route, Partitions.Select(WithReplica)),
        _ => route.ContinueAsync(),
    };

    private static Task GiveAsync<T>(IRoute route, T data) =>
        route.FulfillAsync(new() { ContentType = "application/json", Body = JsonSerializer.Serialize(new { status = "success", data }) });

    private ClusterStatus Status() => new()
    {
        Coordinator = Island,
        FromCoordinator = true,
        ReadAt = DateTimeOffset.UnixEpoch,
        IsFrozen = false,
        ReplicationFactor = 3,
        MinInSync = 2,
        JoiningNodes = 0,
        ActiveNodes = 3,
        LeavingNodes = 0,
        DeadNodes = 0,
        Healthy = Partitions.Count(static p => p.State == PartitionHealth.Healthy),
        UnderReplicated = Partitions.Count(static p => p.State == PartitionHealth.UnderReplicated),
        WithoutPrimary = 0,
        MovesUnderWay = Partitions.Sum(static p => p.Learners.Count),
        Unsettled = Partitions.Count(static p => p.Step is not null),
    };

    private NodeStatus Node(string id, string zone) => new()
    {
        Record = new NodeRecord(id, $"{zone}:9095", $"{zone}:9009", zone, [NodeRecord.Ingester], NodeState.Active, 1, "0.3.0"),
        IsAlive = true,
        ForSeconds = 3725,
        IsInformed = true,
        Primaries = Partitions.Count(p => p.Primary == id),
        Replicas = Partitions.Count(p => p.InSync.Contains(id) || p.Learners.Contains(id)),
        Learners = Partitions.Count(p => p.Learners.Contains(id)),
    };

    /// <summary>A healthy partition that the first of its replicas leads.</summary>
    private static PartitionStatus Of(int partition, long term, int replicas, IReadOnlyList<string> inSync) => new()
    {
        Partition = partition,
        State = PartitionHealth.Healthy,
        Term = term,
        Version = 1,
        ReplicationFactor = replicas,
        MinInSync = 1,
        WantedReplicationFactor = replicas,
        WantedMinInSync = 1,
        Primary = inSync[0],
        InSync = inSync,
        Learners = [],
        Step = null,
    };

    /// <summary>As the node answers: with what it has of the partition itself, which here is the first one alone.</summary>
    private static JsonObject WithReplica(PartitionStatus partition)
    {
        var json = JsonSerializer.SerializeToNode(partition)!.AsObject();
        json["replica"] = partition.Partition == 0 ? new JsonObject { ["role"] = "backup", ["term"] = partition.Term, ["seq"] = 41 } : null;
        return json;
    }
}
