using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordinator;

/// <summary>
/// A node's part in a cluster: its place, its view, its way to the coordinator, and the coordinator where it is this node. Order: calls may be mapped
/// and answered from the beginning; <see cref="JoinAsync"/> before replicas are opened, which need the view; <see cref="Serve"/> once they are. Disposed
/// after the replicas, which hand off and report until then.
/// </summary>
internal sealed class ClusterModule : IAsyncDisposable
{
    private readonly ClusterModuleParts _parts;
    private readonly NodeId _self;
    private readonly ClusterViews _views;
    private readonly CoordinatorGate _gate = new();
    private readonly ClusterService _service;
    private readonly IClusterCalls _calls;
    private readonly ViewSync _sync;
    private readonly CoordinatorReports _reports;
    private CoordinatorElection? _election;

    public ClusterModule(ClusterModuleParts parts)
    {
        _parts = parts;
        _self = ReplicaProtocol.TryParse(parts.Self.Id, out var self) ? self : throw new ArgumentException($"'{parts.Self.Id}' is no node id", nameof(parts));
        var loggers = parts.Loggers;
        Membership = new NodeMembership(parts.Store, parts.Self, parts.Membership, parts.Metrics, parts.Time, loggers.CreateLogger<NodeMembership>());
        _views = new ClusterViews(
            new ClusterStoreReader(parts.Store, parts.Metrics, parts.Time, loggers.CreateLogger<ClusterStoreReader>()), parts.Metrics, parts.Time);
        _service = new ClusterService(_views, Membership, _gate, parts.Coordinator, parts.Time);
        _calls = parts.Calls(_views, _service);
        _sync = new ViewSync(_calls, _views, Membership, parts.Coordinator, parts.Time, loggers.CreateLogger<ViewSync>());
        _reports = new CoordinatorReports(_calls, _views, parts.Coordinator, loggers.CreateLogger<CoordinatorReports>());
        Commands = new ClusterCommands(_calls, _views, parts.Coordinator, parts.Time);
        Membership.Subscribe(isHeld =>
        {
            if (isHeld)
            {
                _sync.Wake();
            }
        });
    }

    /// <summary>This node's place: lease and record.</summary>
    public NodeMembership Membership { get; }

    public IClusterViews Views => _views;

    /// <summary>Where nodes are.</summary>
    public INodeDirectory Directory => _views;

    /// <summary>The way of replicas to the coordinator.</summary>
    public ICoordinatorReports Reports => _reports;

    /// <summary>What operators may want.</summary>
    public ClusterCommands Commands { get; }

    /// <summary>Maps the calls between nodes about the cluster.</summary>
    public void Map(IEndpointRouteBuilder endpoints) => _service.Map(endpoints);

    /// <summary>
    /// Takes the place, reads the view and begins to keep it. <see cref="NodeIdInUseException"/> where another process has the place;
    /// <see cref="CoordinationException"/> where the store cannot be reached.
    /// </summary>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        // The view is read under the lease: from now on others wait for this node to know who else there is.
        await Membership.StartAsync(cancellationToken);
        await _sync.StartAsync(cancellationToken);
        _reports.Start();
    }

    /// <summary>The way to replicas stands, and this node's own are open: it may become active, coordinate, and be forced to lead.</summary>
    public void Serve(IReplicaTransport transport, ILocalReplicas replicas)
    {
        _service.Forced = new ForcedElections(_self, _parts.Store, _views, replicas, _parts.Loggers.CreateLogger<ForcedElections>());
        var parts = new CoordinatorParts
        {
            Self = _self,
            Store = _parts.Store,
            Transport = transport,
            Calls = _calls,
            Options = _parts.Coordinator,
            Metrics = _parts.Metrics,
            Time = _parts.Time,
            Loggers = _parts.Loggers,
        };
        _sync.IsFull = () => replicas.IsFull;
        _sync.Lags = () => replicas.Lags;
        _parts.Metrics.Lags(() => replicas.Lags);
        _sync.Serves = true;
        _election = new CoordinatorElection(parts, _gate, _sync, Membership, _parts.Actors);
        _election.Start();
    }

    /// <summary>Stops coordinating, then gives the place back, so that others take over at once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_election is not null)
        {
            await _election.DisposeAsync();
        }

        await _reports.DisposeAsync();
        await _sync.DisposeAsync();
        await Membership.DisposeAsync();
    }
}
