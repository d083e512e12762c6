using System.Collections.Concurrent;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Replication.Placement;

namespace Deucalion.Ingester.Routing;

/// <summary>
/// The partitions of every tenant, from the placement view in force. A view is replaced as a whole, so a batch sees one width. Reads cover every
/// partition that holds a head of the tenant: what was written over a narrower width stays visible while a wider one is in use. Thread-safe.
/// </summary>
internal sealed class TenantRoutes(PlacementStore store, RoutingOptions options)
{
    private volatile Snapshot? _current;

    /// <summary>Whether the view has been loaded.</summary>
    public bool IsLoaded => _current is not null;

    /// <summary>Loads the view, or makes the first one.</summary>
    public async Task StartAsync(CancellationToken cancellationToken) =>
        _current = new Snapshot(await store.LoadOrCreateAsync(options.Partitions, options.AnonymousWidth, options.Replicas, cancellationToken));

    /// <summary>Takes over what other nodes have changed.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (await store.LoadAsync(cancellationToken) is { } view && view.Version > _current!.View.Version)
        {
            _current = new Snapshot(view);
        }
    }

    /// <summary>Replicas that a partition is to have.</summary>
    public ReplicaNumbers NumbersOf(PartitionId partition) => _current?.View.NumbersOf(partition) ?? options.Replicas;

    /// <summary>The partitions that the tenant's writes go to.</summary>
    public TenantPartitions Of(TenantId tenant)
    {
        var current = _current ?? throw new InvalidOperationException("the placement is not loaded");
        return current.Known.TryGetValue(tenant, out var known) ? known : current.Known.GetOrAdd(tenant, current.View.Of);
    }

    /// <summary>Widens the tenant as its active series ask for. Returns its width.</summary>
    public async Task<int> GrowAsync(TenantId tenant, long activeSeries, CancellationToken cancellationToken)
    {
        var present = Of(tenant);
        var width = PlacementView.WidthFor(present.Width, activeSeries, options.SeriesPerPartition, present.Order.Length);
        if (width == present.Width)
        {
            return width;
        }

        _current = new Snapshot(await store.WidenAsync(tenant, width, cancellationToken));
        return Of(tenant).Width;
    }

    /// <summary>A view with what was computed from it.</summary>
    private sealed class Snapshot(PlacementView view)
    {
        public PlacementView View { get; } = view;

        public ConcurrentDictionary<TenantId, TenantPartitions> Known { get; } = new();
    }
}
