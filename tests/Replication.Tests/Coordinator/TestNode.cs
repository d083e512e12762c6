using Deucalion.Common.Actors;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Telemetry;
using Deucalion.Replication.Coordinator;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Tests.Membership;
using Deucalion.Replication.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Deucalion.Replication.Tests.Coordinator;

/// <summary>A process of a cluster in a test: everything but the logs.</summary>
internal sealed class TestNode : ILocalReplicas, IAsyncDisposable
{
    private readonly MeterFactory _meters = new();

    public TestNode(TestCluster cluster, int number, string zone)
    {
        Number = number;
        Id = TestNodes.Id(number);
        Store = cluster.Store.Open();
        Registry = new MetricsRegistry(_meters);
        Actors = new ActorSystem(cluster.Time, new ActorMetrics(_meters), NullLogger<ActorSystem>.Instance);
        Metrics = new ClusterMetrics(_meters);
        Module = new ClusterModule(new ClusterModuleParts
        {
            Self = TestNodes.Record(number, zone),
            Store = Store,
            Calls = (_, service) =>
            {
                cluster.Network.Join(Id, service);
                return cluster.Network.From(Id);
            },
            Actors = Actors,
            Metrics = Metrics,
            Time = cluster.Time,
            Loggers = NullLoggerFactory.Instance,
            Coordinator = cluster.Options,
        });
    }

    public int Number { get; }

    public NodeId Id { get; }

    public string Name => ReplicaProtocol.NameOf(Id);

    public MemoryStore.Handle Store { get; }

    public MetricsRegistry Registry { get; }

    public ClusterMetrics Metrics { get; }

    public ActorSystem Actors { get; }

    public ClusterModule Module { get; }

    public bool IsUp { get; set; } = true;

    public bool IsFull { get; set; }

    public ClusterView View => Module.Views.Current;

    public Dictionary<PartitionId, ReplicaId> Replicas { get; } = [];

    public List<(PartitionId Partition, TableEntry Entry)> Learnt { get; } = [];

    public IReadOnlyList<PartitionLags> Lags { get; set; } = [];

    public ReplicaId? Find(PartitionId partition) => Replicas.TryGetValue(partition, out var replica) ? replica : null;

    public ValueTask LearnAsync(PartitionId partition, TableEntry entry, CancellationToken cancellationToken)
    {
        Learnt.Add((partition, entry));
        return ValueTask.CompletedTask;
    }

    /// <summary>The value of one of its metrics; 0 where it has no such series.</summary>
    public double Metric(string name, string? state = null) =>
        Registry.Collect().FirstOrDefault(family => family.Name == name)?.Points
            .Where(point => state is null || point.Labels.Any(label => label.Value == state)).Sum(static point => point.Value) ?? 0;

    public async ValueTask DisposeAsync()
    {
        await Module.DisposeAsync();
        Registry.Dispose();
        _meters.Dispose();
    }
}
