using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Transport;

/// <summary>Where the nodes of the cluster are. Thread-safe.</summary>
internal interface INodeDirectory
{
    /// <summary>Address (<c>host:port</c>) at which a node takes internal calls, or null where it is not known now.</summary>
    string? AddressOf(NodeId node);
}
