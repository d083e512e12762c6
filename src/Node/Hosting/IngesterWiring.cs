using System.Diagnostics.Metrics;
using Deucalion.Common.IO;
using Deucalion.Common.Limits;
using Deucalion.Common.Log;
using Deucalion.Common.Objects;
using Deucalion.Ingester;
using Deucalion.Ingester.Push;
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
    public static IngesterModule Create(NodeOptions options, ITenantLimits limits, IDisk disk, IObjectStore objects, ICoordinationStore coordination, ClusterMember? cluster, string node, TimeProvider time, IMeterFactory meters, ILoggerFactory loggers)
    {
        var headLimits = new HeadLimits { OutOfOrderWindow = options.OutOfOrderWindow, MaxFuture = options.MaxFuture, MaxExemplars = (int)options.MaxExemplars };
        var settings = new IngesterOptions
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
            Routing = new RoutingOptions { Replicas = cluster is null ? ReplicaNumbers.One : ReplicaNumbers.WithMajority((int)options.ClusterReplicationFactor) },
            Router = new RouterOptions { FailoverWait = options.FailoverWait },
            ReplicationTimeout = options.ReplicationTimeout,
        };
        return new IngesterModule(settings, new IngesterParts { Disk = disk, Objects = objects, Coordination = coordination, Cluster = cluster, Time = time, Meters = meters, Loggers = loggers });
    }
}
