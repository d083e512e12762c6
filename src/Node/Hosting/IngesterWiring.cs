using System.Diagnostics.Metrics;
using Deucalion.Common.IO;
using Deucalion.Common.Limits;
using Deucalion.Common.Log;
using Deucalion.Common.Objects;
using Deucalion.Ingester;
using Deucalion.Ingester.Push;
using Deucalion.Ingester.Read;
using Deucalion.Ingester.Routing;
using Deucalion.Node.Configuration;
using Deucalion.Replication.Cluster;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Placement;
using Deucalion.Storage.Head;

namespace Deucalion.Node.Hosting;

/// <summary>Settings of the node as options of the ingester role.</summary>
internal static class IngesterWiring
{
    /// <summary>Builds the role; nothing is read or written before its start.</summary>
    public static IngesterModule Create(NodeOptions options, ITenantLimits limits, IDisk disk, IObjectStore objects, ICoordinationStore coordination, ClusterMember? cluster, string node, TimeProvider time, IMeterFactory meters, ILoggerFactory loggers) =>
        new(
            Settings(options, limits, cluster is not null, node),
            new IngesterParts { Disk = disk, Objects = objects, Coordination = coordination, Cluster = cluster, Time = time, Meters = meters, Loggers = loggers });

    /// <summary>The options of the role on a node that is a member of a cluster or alone.</summary>
    internal static IngesterOptions Settings(NodeOptions options, ITenantLimits limits, bool isMember, string node)
    {
        var headLimits = new HeadLimits { OutOfOrderWindow = options.OutOfOrderWindow, MaxFuture = options.MaxFuture, MaxExemplars = (int)options.MaxExemplars };
        return new IngesterOptions
        {
            DataDirectory = options.DataPath,
            Node = node,
            Sync = options.JournalSync switch { SyncMode.Batch => JournalSync.Batch, SyncMode.Interval => JournalSync.Interval, _ => JournalSync.Never },
            SyncInterval = options.JournalSyncInterval,
            RemoteWrite = new RemoteWriteOptions
            {
                MaxInFlightBytes = options.MaxInFlightBytes,
                MaxHistogramBuckets = (int)options.MaxHistogramBuckets,
            },
            Limits = limits,
            HeadLimits = _ => headLimits,
            Routing = new RoutingOptions { Replicas = isMember ? ReplicaNumbers.WithMajority((int)options.ClusterReplicationFactor) : ReplicaNumbers.One },
            Router = new RouterOptions { FailoverWait = options.FailoverPatience },
            Reads = new ClusterReadOptions { Deadline = options.FailoverPatience },
            ReplicationTimeout = options.ReplicationTimeout,
        };
    }
}
