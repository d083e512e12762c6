using Deucalion.Common.Actors;
using Deucalion.Common.Contracts;
using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Deucalion.Common.Manifests;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Deletion;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Push;
using Deucalion.Ingester.Read;
using Deucalion.Ingester.Remote;
using Deucalion.Ingester.Routing;
using Deucalion.Ingester.Shipping;
using Deucalion.Replication.Cluster;
using Deucalion.Replication.PartitionLog;
using Deucalion.Replication.Placement;
using Deucalion.Storage.Head;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Deucalion.Ingester;

/// <summary>
/// The ingester role of a node: wires its parts, starts and stops them in order. Start: placement, leftovers of shipping, recovery of the partitions
/// (then <see cref="IsReady"/>), background work. Stop: background work, partitions (each with a checkpoint), journal. Endpoints may be mapped before
/// the start; they answer 503 until ready.
/// </summary>
public sealed class IngesterModule : IAsyncDisposable
{
    /// <summary>Directory of the node's partitions below the data directory.</summary>
    public const string PartitionsDirectory = "partitions";

    private readonly IngesterOptions _options;
    private readonly HeadResources _resources;
    private readonly ActorSystem _actors;
    private readonly PartitionHostParts _hostParts;
    private readonly IDisk _disk;
    private readonly PartitionHost _host;
    private readonly TenantRoutes _routes;
    private readonly BlockPublisher _publisher;
    private readonly Shipper _shipper;
    private readonly PartitionDeletions _deletions;
    private readonly LocalDeletions _localDeletions;
    private readonly TenantDeletions _tenantDeletions;
    private readonly IngesterUpkeep _upkeep;
    private readonly IngestionLimiter _limiter;
    private readonly RemoteWriteEndpoint _push;
    private readonly FlushEndpoint _flush;
    private readonly RemoteMetrics _remoteMetrics;
    private readonly ClusterMember? _cluster;
    private readonly TimeProvider _time;
    private readonly HostPartitions _partitions;
    private readonly CancellationTokenSource _stopping = new();
    private Task _background = Task.CompletedTask;
    private bool _stopped;

    /// <summary>Wires the role; nothing is read or written yet.</summary>
    public IngesterModule(IngesterOptions options, IngesterParts parts)
    {
        _options = options;
        var partitionMetrics = new PartitionMetrics(parts.Meters);
        var pushMetrics = new PushMetrics(parts.Meters);
        var loggers = parts.Loggers;
        _resources = new HeadResources(options.HeadMemoryBytes, options.PoisonFreedMemory);
        _time = parts.Time;
        _actors = new ActorSystem(parts.Time, new ActorMetrics(parts.Meters), loggers.CreateLogger<ActorSystem>());
        var partitionLogger = loggers.CreateLogger<PartitionActor>();
        _hostParts = HostParts(options, parts, _actors);
        _disk = parts.Disk;
        _routes = new TenantRoutes(new PlacementStore(parts.Coordination), options.Routing);
        var headLimits = new TenantHeadLimits(options.HeadLimits, options.Limits, _routes);
        _host = new PartitionHost(_hostParts, journalFailed => new PartitionEnvironment
        {
            Options = options.Partitions,
            LimitsOf = headLimits.Of,
            SeriesLimitText = headLimits.SeriesLimitText,
            Resources = _resources,
            Disk = parts.Disk,
            Time = parts.Time,
            Metrics = partitionMetrics,
            Logger = partitionLogger,
            JournalFailed = reason =>
            {
                partitionMetrics.JournalFailed();
                journalFailed(reason);
            },
        });
        _remoteMetrics = new RemoteMetrics(parts.Meters);
        _cluster = parts.Cluster;
        _partitions = new HostPartitions(_host);
        Distributor = new Distributor(_routes, Appends(parts), options.Limits, pushMetrics);
        HeadReads = Reads(parts);
        var manifests = new ManifestStore(parts.Objects);
        var deletionMetrics = new DeletionMetrics(parts.Meters);
        _deletions = new PartitionDeletions(_host, manifests, options.Deletion, deletionMetrics, parts.Time, loggers.CreateLogger<PartitionDeletions>());
        _localDeletions = new LocalDeletions(options.Node, _host, _deletions, options.Deletion, parts.Time);
        _tenantDeletions = new TenantDeletions(DeletionTargets(), manifests, options.Deletion, deletionMetrics, parts.Time, loggers.CreateLogger<TenantDeletions>());
        deletionMetrics.Observe(_deletions.PendingCount);
        _publisher = new BlockPublisher(parts.Disk, Path.Combine(options.DataDirectory, "shipping"), parts.Objects, manifests, options.Shipping, parts.Time);
        _shipper = new Shipper(_host, _publisher, _deletions, options.Shipping, new ShippingMetrics(parts.Meters), parts.Time, loggers.CreateLogger<Shipper>());
        _upkeep = new IngesterUpkeep(_host, _routes, _shipper, _resources, options, parts.Cluster is null, parts.Disk, parts.Time, loggers.CreateLogger<IngesterUpkeep>());
        _limiter = new IngestionLimiter(() => parts.Cluster?.Views.Current.Nodes.Count ?? 1, parts.Time);
        _push = new RemoteWriteEndpoint(Distributor, options.RemoteWrite, options.Limits, _limiter, pushMetrics, parts.Time, loggers.CreateLogger<RemoteWriteEndpoint>());
        _flush = new FlushEndpoint(_shipper, loggers.CreateLogger<FlushEndpoint>());
        partitionMetrics.Observe(
            () => _host.Current?.Partitions.Sum(static x => x.State.Parts.Sum(static y => (long)y.Head.SeriesCount)) ?? 0,
            () => _resources.Budget.Used,
            () => _host.Current?.Count ?? 0,
            () => _host.Current?.Partitions.Count(static x => x.IsUnusable) ?? 0);
    }

    /// <summary>Where samples are written to.</summary>
    public IDistributor Distributor { get; }

    /// <summary>Where recent samples are read from.</summary>
    public IHeadReads HeadReads { get; }

    /// <summary>Whether everything on disk has been recovered and samples are taken.</summary>
    public bool IsReady => _host.IsReady;

    internal PartitionHost Host => _host;

    internal Shipper Shipper => _shipper;

    internal PartitionDeletions Deletions => _deletions;

    internal IngesterUpkeep Upkeep => _upkeep;

    /// <summary>Maps the push endpoints and <c>/ingester/flush</c>.</summary>
    public void Map(IEndpointRouteBuilder endpoints)
    {
        _push.Map(endpoints);
        _flush.Map(endpoints);
    }

    /// <summary>
    /// Deletes a tenant with all that was accepted of it before, in the whole cluster; <paramref name="who"/> is for the log. What is accepted afterwards makes the tenant
    /// anew.
    /// </summary>
    public Task<TenantDeletionAnswer> DeleteTenantAsync(TenantId tenant, string who, CancellationToken cancellationToken) =>
        _tenantDeletions.DeleteAsync(tenant, who, cancellationToken);

    /// <summary>Maps the calls of other nodes.</summary>
    public void MapInternal(IEndpointRouteBuilder endpoints)
    {
        new AppendEndpoint(_host, new RemoteAppendOptions(), _remoteMetrics, _time).Map(endpoints);
        new DeleteTenantEndpoint(_localDeletions).Map(endpoints);
        new HeadReadEndpoint(new LocalHeadReads(_partitions)).Map(endpoints);
    }

    /// <summary>What this node has of each partition now, of the last record applied and, on request, with a digest of the heads, which costs as much as checkpoints.</summary>
    public async Task<IReadOnlyList<ReplicaDescription>> DescribeReplicasAsync(bool withDigests, CancellationToken cancellationToken) =>
        _host.Current is { } partitions ? await Task.WhenAll(partitions.Partitions.Select(p => p.DescribeAsync(withDigests, cancellationToken))) : [];

    /// <summary>Nodes that share the tenants' ingestion rates now.</summary>
    public int RateShares => _limiter.Nodes;

    /// <summary>The tenants that have series in partitions that this node leads, or that have sent samples to it lately.</summary>
    public IReadOnlyList<TenantFigures> DescribeTenants()
    {
        var tenants = _limiter.Rates().ToDictionary(static x => x.Tenant, static x => new TenantFigures(x.Tenant, 0, x.PerSecond));
        foreach (var part in (_host.Current?.Partitions ?? []).Where(static partition => partition.IsLeading).SelectMany(static partition => partition.State.Parts))
        {
            if (part.Head.SeriesCount == 0)
            {
                // A tenant that is idle, or was deleted.
                continue;
            }

            var known = tenants.GetValueOrDefault(part.Tenant) ?? new TenantFigures(part.Tenant, 0, 0);
            tenants[part.Tenant] = known with { ActiveSeries = known.ActiveSeries + part.Head.SeriesCount };
        }

        return [.. tenants.Values];
    }

    /// <summary>
    /// Gives up what a damaged journal has lost and puts the rest together, on an operator's word and before <see cref="StartAsync"/>; the damaged files are
    /// kept aside. The report says what was lost.
    /// </summary>
    public SalvageReport Salvage() => ReplicatedLogs.Salvage(_disk, _hostParts.Logs, _hostParts.JournalMetrics, _hostParts.Time);

    /// <summary>Recovers what is on disk and begins to work. Throws where the disk or the coordination store does not let it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _routes.StartAsync(cancellationToken);
        _publisher.RemoveLeftovers();
        _cluster?.Attach(() => _host.Current?.Logs);
        await _host.StartAsync(cancellationToken);
        _cluster?.Serve();
        _background = Task.WhenAll(RunAsync(_shipper.RunAsync), RunAsync(_upkeep.RunAsync), RunAsync(_deletions.RunAsync));
    }

    /// <summary>Stops taking samples, finishes what was taken, writes checkpoints. <paramref name="patience"/> cuts it short; nothing acknowledged is lost.</summary>
    public async Task StopAsync(CancellationToken patience)
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        await _stopping.CancelAsync();
        await _background;
        await _shipper.StopAsync();
        await _host.StopAsync(patience);
        await _actors.StopAsync(patience);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _resources.Dispose();
        _shipper.Dispose();
        _stopping.Dispose();
    }

    private IDeletionTargets DeletionTargets() => _cluster is { } cluster
        ? new ClusterDeletionTargets(
            cluster.NodeId,
            cluster.Views,
            _localDeletions,
            node => new RemoteDeletions(cluster.Channels, node.Id, node.Address, _options.Deletion),
            _options.Deletion)
        : new AloneDeletionTargets(_host, _localDeletions);

    private IPartitionAppends Appends(IngesterParts parts) => _cluster is null
        ? _host
        : new PartitionRouter(
            _cluster.NodeId, _cluster.Views, _host, new RemoteAppends(_cluster.Channels, _remoteMetrics), _routes, _options.Router, new RouterMetrics(parts.Meters), parts.Time);

    private ClusterHeadReads Reads(IngesterParts parts)
    {
        var local = new LocalHeadReads(_partitions);
        var metrics = new HeadReadMetrics(parts.Meters);
        var logger = parts.Loggers.CreateLogger<ClusterHeadReads>();
        return _cluster is { } cluster
            ? new ClusterHeadReads(
                local,
                node => new RemoteHeadReads(cluster.Channels, node.NodeId, node.Address),
                new ClusterTargets(cluster, parts.Time),
                _options.Reads,
                metrics,
                parts.Time,
                logger)
            : new ClusterHeadReads(
                local,
                static node => throw new InvalidOperationException($"node {node.NodeId} is asked by a process alone"),
                new AloneTarget(_options.Node),
                new ClusterReadOptions { Deadline = TimeSpan.Zero },
                metrics,
                parts.Time,
                logger);
    }

    private NewPartitionPlan PlanNewPartition(PartitionId partition)
    {
        var numbers = _routes.NumbersOf(partition);
        return _cluster is { } cluster
            ? new NewPartitionPlan(
                [.. PlacementPlanner.NewPartition(cluster.Views.Current, partition, numbers.ReplicationFactor).Select(static node => node.Id)],
                numbers.ReplicationFactor,
                numbers.MinInSync)
            : new NewPartitionPlan([], numbers.ReplicationFactor, numbers.MinInSync);
    }

    private PartitionHostParts HostParts(IngesterOptions options, IngesterParts parts, ActorSystem actors) => new()
    {
        Logs = new ReplicatedLogsOptions
        {
            PartitionsDirectory = Path.Combine(options.DataDirectory, PartitionsDirectory),
            PlanNewPartition = PlanNewPartition,
            ReplicationTimeout = options.ReplicationTimeout,
            Tick = options.LogTick,
            RestartPause = options.LogRestartPause,
            Journal = new JournalOptions
            {
                Directory = Path.Combine(options.DataDirectory, IngesterUpkeep.JournalDirectory),
                Sync = options.Sync,
                SyncInterval = options.SyncInterval,
                SegmentBytes = options.JournalSegmentBytes,
                ReserveBytes = options.DiskReserveBytes,
                SpaceCheckInterval = options.SpaceCheckInterval,
            },
        },
        Links = () => parts.Cluster?.Links() ?? new ReplicatedLogsLinks(parts.Coordination),
        Node = options.Node,
        JournalMetrics = new JournalMetrics(parts.Meters),
        Actors = actors,
        Time = parts.Time,
        Logger = parts.Loggers.CreateLogger<PartitionHost>(),
    };

    private async Task RunAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await Task.Run(() => work(_stopping.Token), CancellationToken.None);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The orderly end.
        }
    }
}
