using System.Collections.Concurrent;
using System.Text.Json;
using Deucalion.Common.Wire;
using Deucalion.Ingester.Partitions;
using Deucalion.Node.Http;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Disk;
using Testing.Telemetry;

namespace Deucalion.Node.Tests.Http;

/// <summary>The endpoints of a cluster as a node maps them, on 127.0.0.1. Behind them is a coordinator that notes what it is told to do, and says what a test wants.</summary>
internal sealed class MappedCluster : IClusterCalls, IAsyncDisposable
{
    public const string First = "20a8e9719bfa19bf327f6883c400b18f";
    public const string Second = "20a8f7dd0b3ef192e4f3c49c6edfb4aa";

    private readonly TestMeterFactory _meters = new();
    private readonly WebApplication _app;

    private MappedCluster()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        var metrics = new ClusterMetrics(_meters);
        var store = new LocalFileStore(new SimulatedDisk(9), "/coordination", new ProcessStoreLock(), TimeProvider.System, TimeSpan.FromSeconds(1));
        var reader = new ClusterStoreReader(store, metrics, TimeProvider.System, NullLogger<ClusterStoreReader>.Instance);
        var views = new ClusterViews(reader, metrics, TimeProvider.System);
        NodeSight[] nodes = [SightOf(First, "a"), SightOf(Second, "b")];
        views.Apply(new ViewUpdate { Coordinator = First, Token = 1, Since = 0, Seq = 1, Nodes = nodes, Entries = [] }, asOf: null);
        _app.MapCluster(new ClusterCommands(this, views, new CoordinatorOptions { CommandPatience = TimeSpan.Zero }, TimeProvider.System), Replicas);
    }

    public string Url => _app.Urls.Single();

    /// <summary>What the coordinator, or the node of a replica, was told, in JSON.</summary>
    public ConcurrentQueue<string> Told { get; } = [];

    /// <summary>Whether digests were asked for, each time that the node was asked for its replicas.</summary>
    public ConcurrentQueue<bool> Digests { get; } = [];

    /// <summary>What a command is answered with.</summary>
    public Func<CommandAnswer> Answer { get; set; } = static () => new CommandAnswer("it is done", 3);

    public static async Task<MappedCluster> StartAsync()
    {
        var cluster = new MappedCluster();
        await cluster._app.StartAsync();
        return cluster;
    }

    public ValueTask<ReadOnlyMemory<byte>> CallAsync(NodeId to, string method, ReadOnlyMemory<byte> question, TimeSpan deadline, CancellationToken cancellationToken)
    {
        if (method == ClusterMethods.Status)
        {
            throw new WireException(WireStatus.Unavailable, "it shows nothing");
        }

        using var told = JsonDocument.Parse(question);
        var fields = told.RootElement.EnumerateObject().Where(static field => field.Value.ValueKind != JsonValueKind.Null).Select(static field => $"{field.Name}={field.Value}");
        Told.Enqueue(string.Join(' ', fields));
        return ValueTask.FromResult(method == ClusterMethods.ForceElect ? ClusterJson.Write(new EntrySight(7, Entry(to))) : ClusterJson.Write(Answer()));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _meters.Dispose();
    }

    private static NodeSight SightOf(string id, string zone) =>
        new(new NodeRecord(id, "10.0.0.1:9095", "10.0.0.1:9009", zone, [NodeRecord.Ingester], NodeState.Active, 1, "0.3.0"), IsAlive: true);

    private static PartitionEntry Entry(NodeId leads) => new TableEntry
    {
        Term = 2,
        Version = 9,
        ReplicationFactor = 3,
        MinInSync = 2,
        Primary = leads,
        InSync = [new ReplicaId(leads, 1)],
        Learners = [],
    }.ToDocument();

    private Task<IReadOnlyList<ReplicaDescription>> Replicas(bool withDigests, CancellationToken cancellationToken)
    {
        Digests.Enqueue(withDigests);
        return Task.FromResult<IReadOnlyList<ReplicaDescription>>([]);
    }
}
