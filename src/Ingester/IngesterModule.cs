using Deucalion.Common.Actors;
using Deucalion.Common.Contracts;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Deucalion.Common.Manifests;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Push;
using Deucalion.Ingester.Read;
using Deucalion.Ingester.Routing;
using Deucalion.Ingester.Shipping;
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
    private readonly IngesterOptions _options;
    private readonly HeadResources _resources;
    private readonly ActorSystem _actors;
    private readonly PartitionHostParts _hostParts;
    private readonly IDisk _disk;
    private readonly PartitionHost _host;
    private readonly TenantRoutes _routes;
    private readonly BlockPublisher _publisher;
    private readonly Shipper _shipper;
    private readonly IngesterUpkeep _upkeep;
    private readonly RemoteWriteEndpoint _push;
    private readonly FlushEndpoint _flush;
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
        _actors = new ActorSystem(parts.Time, new ActorMetrics(parts.Meters), loggers.CreateLogger<ActorSystem>());
        var partitionLogger = loggers.CreateLogger<PartitionActor>();
        _hostParts = HostParts(options, parts, _actors);
        _disk = parts.Disk;
        _host = new PartitionHost(_hostParts, journalFailed => new PartitionEnvironment
        {
            Options = options.Partitions,
            LimitsOf = options.HeadLimits,
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
        _routes = new TenantRoutes(new PlacementStore(parts.Coordination), options.Routing);
        Distributor = new Distributor(_routes, _host, new SampleValidator(options.WriteLimits), pushMetrics);
        HeadReads = new HeadReads(_host);
        _publisher = new BlockPublisher(
            parts.Disk, Path.Combine(options.DataDirectory, "shipping"), parts.Objects, new ManifestStore(parts.Objects), options.Shipping, parts.Time);
        _shipper = new Shipper(_host, _publisher, options.Shipping, new ShippingMetrics(parts.Meters), parts.Time, loggers.CreateLogger<Shipper>());
        _upkeep = new IngesterUpkeep(_host, _routes, _shipper, _resources, options, parts.Disk, parts.Time, loggers.CreateLogger<IngesterUpkeep>());
        _push = new RemoteWriteEndpoint(Distributor, options.RemoteWrite, options.WriteLimits, pushMetrics, parts.Time, loggers.CreateLogger<RemoteWriteEndpoint>());
        _flush = new FlushEndpoint(_shipper, loggers.CreateLogger<FlushEndpoint>());
        partitionMetrics.Observe(
            () => _host.Current?.Partitions.Sum(static x => x.State.Parts.Sum(static y => (long)y.Head.SeriesCount)) ?? 0,
            () => _resources.Budget.Used,
            () => _host.Current?.Count ?? 0);
    }

    /// <summary>Where samples are written to.</summary>
    public IDistributor Distributor { get; }

    /// <summary>Where recent samples are read from.</summary>
    public IHeadReads HeadReads { get; }

    /// <summary>Whether everything on disk has been recovered and samples are taken.</summary>
    public bool IsReady => _host.IsReady;

    internal PartitionHost Host => _host;

    internal Shipper Shipper => _shipper;

    internal IngesterUpkeep Upkeep => _upkeep;

    /// <summary>Maps the push endpoints and <c>/ingester/flush</c>.</summary>
    public void Map(IEndpointRouteBuilder endpoints)
    {
        _push.Map(endpoints);
        _flush.Map(endpoints);
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
        await _host.StartAsync(cancellationToken);
        _background = Task.WhenAll(RunAsync(_shipper.RunAsync), RunAsync(_upkeep.RunAsync));
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

    private static PartitionHostParts HostParts(IngesterOptions options, IngesterParts parts, ActorSystem actors) => new()
    {
        Logs = new ReplicatedLogsOptions
        {
            PartitionsDirectory = Path.Combine(options.DataDirectory, "partitions"),
            Journal = new JournalOptions
            {
                Directory = Path.Combine(options.DataDirectory, IngesterUpkeep.JournalDirectory),
                Sync = options.Sync,
                SyncInterval = options.SyncInterval,
                SegmentBytes = options.JournalSegmentBytes,
                ReserveBytes = options.DiskReserveBytes,
            },
        },
        Store = parts.Coordination,
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
