using Deucalion.Common.Identifiers;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;
using Deucalion.Replication.Transport;

namespace Deucalion.Replication.PartitionLog;

/// <summary>What the logs of a node are connected with.</summary>
public sealed class ReplicatedLogsLinks
{
    /// <summary>Links of a process alone.</summary>
    public ReplicatedLogsLinks(ICoordinationStore store)
    {
        Store = store;
    }

    /// <summary>Where the partition table is.</summary>
    public ICoordinationStore Store { get; }

    /// <summary>Told of every entry that is read or written; any thread.</summary>
    public Action<PartitionId, PartitionEntry> Learned { get; init; } = static (_, _) => { };

    /// <summary>Takes a partition into use of which another node, or the table, speaks; null where the node is closing. Any thread.</summary>
    public Func<PartitionId, ReplicatedLog?> Create { get; set; } = static _ => null;

    /// <summary>Version of the protocol between nodes that is in effect; of a process alone its own.</summary>
    internal Func<int> Protocol { get; init; } = static () => ClusterProtocol.Newest;

    internal IReplicaTransport? Transport { get; init; }

    internal ICoordinatorReports? Reports { get; init; }
}
