using System.Diagnostics.Metrics;
using Deucalion.Common.Actors;
using Deucalion.Common.IO;
using Deucalion.Common.Wire;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Cluster;

/// <summary>What a member of a cluster is made from.</summary>
public sealed record ClusterMemberParts
{
    /// <summary>What this node says of itself.</summary>
    public required NodeRecord Self { get; init; }

    /// <summary>Where the cluster agrees.</summary>
    public required ICoordinationStore Store { get; init; }

    /// <summary>Directory of the node's partitions.</summary>
    public required string PartitionsDirectory { get; init; }

    /// <summary>The disk of the data directory.</summary>
    public required IDisk Disk { get; init; }

    /// <summary>Where the coordinator's actor lives.</summary>
    public required ActorSystem Actors { get; init; }

    /// <summary>Certificates between nodes; null: none.</summary>
    public required WireTls? Tls { get; init; }

    /// <summary>A dead node keeps its place for so long.</summary>
    public required TimeSpan ReplaceAfter { get; init; }

    /// <summary>Metrics of calls.</summary>
    public required WireMetrics WireMetrics { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Metrics.</summary>
    public required IMeterFactory Meters { get; init; }

    /// <summary>Logs.</summary>
    public required ILoggerFactory Loggers { get; init; }
}
