using Deucalion.Common.Actors;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.Transport;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Coordinator;

/// <summary>What a node's part in a cluster is made from.</summary>
internal sealed record ClusterModuleParts
{
    /// <summary>What this node says of itself; state and lease do not matter.</summary>
    public required NodeRecord Self { get; init; }

    public required ICoordinationStore Store { get; init; }

    /// <summary>Makes the way to other nodes from their addresses and this node's own service: <see cref="ClusterCalls"/>.</summary>
    public required Func<INodeDirectory, ClusterService, IClusterCalls> Calls { get; init; }

    public required ActorSystem Actors { get; init; }

    public required ClusterMetrics Metrics { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILoggerFactory Loggers { get; init; }

    public MembershipOptions Membership { get; init; } = new();

    public CoordinatorOptions Coordinator { get; init; } = new();
}
