using Deucalion.Common.Limits;
using Deucalion.Common.Log;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Deletion;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Push;
using Deucalion.Ingester.Read;
using Deucalion.Ingester.Routing;
using Deucalion.Ingester.Shipping;
using Deucalion.Storage.Head;

namespace Deucalion.Ingester;

/// <summary>Options of the ingester role.</summary>
public sealed record IngesterOptions
{
    /// <summary>Directory of this node's data: <c>journal</c>, <c>partitions</c> and <c>shipping</c> lie below it.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Name of this node in the partition table; must stay the same over restarts.</summary>
    public string Node { get; init; } = new('0', 32);

    /// <summary>When an acknowledged sample is durable. Batch: on the device, survives a power loss.</summary>
    public JournalSync Sync { get; init; } = JournalSync.Batch;

    /// <summary>Time between syncs with <see cref="JournalSync.Interval"/>.</summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Size of a journal segment, bytes: small enough to be given back soon, large enough to be rare.</summary>
    public int JournalSegmentBytes { get; init; } = 128 << 20;

    /// <summary>Free bytes of the disk below which samples are refused, so that what frees space still fits.</summary>
    public long DiskReserveBytes { get; init; } = 64L << 20;

    /// <summary>
    /// Native memory of recent samples, bytes, above which samples are refused. Half of what the process may have: the other half is for queries and
    /// requests.
    /// </summary>
    public long HeadMemoryBytes { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>Whether freed head memory is overwritten, so that a use after freeing shows: for tests.</summary>
    public bool PoisonFreedMemory { get; init; }

    /// <summary>Push endpoint.</summary>
    public RemoteWriteOptions RemoteWrite { get; init; } = new();

    /// <summary>The limits of tenants: asked at each request, so they may change.</summary>
    public ITenantLimits Limits { get; init; } = LimitSet.Same(TenantLimits.Default);

    /// <summary>What else samples of a tenant must keep: asked at each write, so it may change. Its number of series is that of <see cref="Limits"/>.</summary>
    public Func<TenantId, HeadLimits> HeadLimits { get; init; } = static _ => Storage.Head.HeadLimits.Default;

    /// <summary>Spread of tenants over partitions.</summary>
    public RoutingOptions Routing { get; init; } = new();

    /// <summary>Partitions.</summary>
    public PartitionOptions Partitions { get; init; } = new();

    /// <summary>Shipping of blocks.</summary>
    public ShippingOptions Shipping { get; init; } = new();

    /// <summary>Deletion of tenants.</summary>
    public DeletionOptions Deletion { get; init; } = new();

    /// <summary>How writes find their partitions in a cluster.</summary>
    public RouterOptions Router { get; init; } = new();

    /// <summary>How long reads of heads try in a cluster.</summary>
    public ClusterReadOptions Reads { get; init; } = new();

    /// <summary>A backup that is behind or silent for so long is removed from those in sync.</summary>
    public TimeSpan ReplicationTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often partitions whose log is not open, or that have other replicas, look at the time.</summary>
    public TimeSpan LogTick { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Least time between two attempts of a partition to go on after the disk has refused its records.</summary>
    public TimeSpan LogRestartPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long after the disk was full the journal may take to see that there is space again.</summary>
    public TimeSpan SpaceCheckInterval { get; init; } = TimeSpan.FromSeconds(1);
}
