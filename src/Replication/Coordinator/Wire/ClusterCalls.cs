using Deucalion.Common.Wire;
using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Replication.Transport;

namespace Deucalion.Replication.Coordinator.Wire;

/// <summary>Calls over the wire; those to this node itself go straight to its own service.</summary>
internal sealed class ClusterCalls(NodeId self, INodeDirectory directory, PeerChannels channels, ClusterService service) : IClusterCalls
{
    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> CallAsync(NodeId to, string method, ReadOnlyMemory<byte> question, TimeSpan deadline, CancellationToken cancellationToken)
    {
        if (to == self)
        {
            return service.AnswerAsync(self, method, question, cancellationToken);
        }

        var address = directory.AddressOf(to) ?? throw new WireException(WireStatus.Unavailable, $"the address of node {to} is not known") { IsUnsent = true };
        return channels.To(ReplicaProtocol.NameOf(to), address).UnaryAsync(method, question, deadline, cancellationToken);
    }
}
