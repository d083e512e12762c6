using Deucalion.Common.IO;
using Deucalion.Common.Wire;
using Deucalion.Replication.PartitionLog.Core;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Transport;

/// <summary>What both sides of the transport work with.</summary>
internal sealed record TransportParts
{
    /// <summary>This node.</summary>
    public required NodeId Self { get; init; }

    /// <summary>Where other nodes are.</summary>
    public required INodeDirectory Directory { get; init; }

    /// <summary>Where arriving messages go, and those that this node sends to itself.</summary>
    public required IReplicaInbox Inbox { get; init; }

    /// <summary>
    /// Options of a channel to the node of that name, asked for at each connection. Keep-alive should be about two seconds: a cut that swallows
    /// everything is noticed by it alone.
    /// </summary>
    public required Func<string, WireClientOptions> ChannelOptions { get; init; }

    /// <summary>The disk that arriving checkpoints are written to.</summary>
    public required IDisk Disk { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Spreads attempts to connect. Used under the transport's lock.</summary>
    public required Random Random { get; init; }

    /// <summary>Metrics.</summary>
    public required TransportMetrics Metrics { get; init; }

    /// <summary>Logs.</summary>
    public required ILoggerFactory Loggers { get; init; }

    /// <summary>Version of the protocol that is in effect. Any thread.</summary>
    public Func<int> Protocol { get; init; } = static () => ReplicaProtocol.OldestVersion;

    /// <summary>From which version on a message may be sent.</summary>
    public Func<ReplicaMessage, int> SentSince { get; init; } = ReplicaMessageKinds.SentSince;

    /// <summary>Options.</summary>
    public TransportOptions Options { get; init; } = new();
}
