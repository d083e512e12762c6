using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Common.Wire;
using Deucalion.Ingester.Deletion;
using Deucalion.Replication.Transport;

namespace Deucalion.Ingester.Remote;

/// <summary>Another node that is asked to delete tenants. Thread-safe.</summary>
internal sealed class RemoteDeletions(PeerChannels channels, string nodeId, string address, DeletionOptions options) : IDeletionNode
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<PartitionOutcome>> DeleteAsync(TenantId tenant, IReadOnlyList<PartitionId> partitions, CancellationToken cancellationToken)
    {
        try
        {
            var call = DeleteTenantCodec.WriteCall(tenant, partitions);
            var answer = await channels.To(nodeId, address).UnaryAsync(RemoteMethods.DeleteTenant, call, options.CallDeadline, cancellationToken);
            return DeleteTenantCodec.ReadAnswer(answer.Span, partitions);
        }
        catch (Exception exception) when (exception is WireException or RemoteFormatException or ObjectDisposedException or ArgumentException)
        {
            return [.. partitions.Select(x => new PartitionOutcome(x, $"node {nodeId} at {address}: {exception.Message}"))];
        }
    }
}
