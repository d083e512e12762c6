using System.Diagnostics.Metrics;
using Deucalion.Common.IO;
using Deucalion.Common.Log;
using Deucalion.Common.Objects;
using Deucalion.Ingester;
using Deucalion.Ingester.Push;
using Deucalion.Node.Configuration;
using Deucalion.Replication.Coordination;
using Deucalion.Storage.Head;

namespace Deucalion.Node.Hosting;

/// <summary>Settings of the node as options of the ingester role.</summary>
internal static class IngesterWiring
{
    /// <summary>Builds the role; nothing is read or written before its start.</summary>
    public static IngesterModule Create(NodeOptions options, IDisk disk, IObjectStore objects, ICoordinationStore coordination, string node, TimeProvider time, IMeterFactory meters, ILoggerFactory loggers)
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
                MaxBodyBytes = (int)Math.Min(int.MaxValue, options.MaxRequestBytes),
                MaxDecodedBytes = (int)Math.Min(int.MaxValue, options.MaxRequestBytes),
                MaxInFlightBytes = options.MaxInFlightBytes,
            },
            WriteLimits = new WriteLimits
            {
                MaxLabels = (int)options.MaxLabelsPerSeries,
                MaxLabelNameLength = (int)options.MaxLabelNameBytes,
                MaxLabelValueLength = (int)options.MaxLabelValueBytes,
                MaxHistogramBuckets = (int)options.MaxHistogramBuckets,
            },
            HeadLimits = _ => headLimits,
        };
        return new IngesterModule(settings, new IngesterParts { Disk = disk, Objects = objects, Coordination = coordination, Time = time, Meters = meters, Loggers = loggers });
    }
}
