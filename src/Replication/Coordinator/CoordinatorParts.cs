using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordinator;

/// <summary>What a coordinator works with.</summary>
internal sealed record CoordinatorParts
{
    public required NodeId Self { get; init; }

    public required ICoordinationStore Store { get; init; }

    /// <summary>The way to primaries.</summary>
    public required IReplicaTransport Transport { get; init; }

    /// <summary>The way to nodes.</summary>
    public required IClusterCalls Calls { get; init; }

    public required CoordinatorOptions Options { get; init; }

    public required ClusterMetrics Metrics { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILoggerFactory Loggers { get; init; }

    /// <summary>Milliseconds of a clock that never goes back.</summary>
    public long Now => Time.GetTimestamp() / (Time.TimestampFrequency / 1000);
}
