using System.Diagnostics.Metrics;
using Deucalion.Common.IO;
using Deucalion.Common.Objects;
using Deucalion.Replication.Cluster;
using Deucalion.Replication.Coordination;
using Microsoft.Extensions.Logging;

namespace Deucalion.Ingester;

/// <summary>What the ingester is given by the node.</summary>
public sealed record IngesterParts
{
    /// <summary>The disk of the data directory.</summary>
    public required IDisk Disk { get; init; }

    /// <summary>Where blocks go.</summary>
    public required IObjectStore Objects { get; init; }

    /// <summary>Where the partition table and the placement are.</summary>
    public required ICoordinationStore Coordination { get; init; }

    /// <summary>This node's place in its cluster; null in a process alone.</summary>
    public ClusterMember? Cluster { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Metrics.</summary>
    public required IMeterFactory Meters { get; init; }

    /// <summary>Logs.</summary>
    public required ILoggerFactory Loggers { get; init; }
}
