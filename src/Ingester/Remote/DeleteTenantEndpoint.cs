using Deucalion.Common.Wire;
using Deucalion.Ingester.Deletion;
using Microsoft.AspNetCore.Routing;

namespace Deucalion.Ingester.Remote;

/// <summary>Deletes tenants, for other nodes, in the partitions that this node leads. Thread-safe.</summary>
internal sealed class DeleteTenantEndpoint(IDeletionNode local)
{
    /// <summary>Maps the call.</summary>
    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapWireUnary(RemoteMethods.DeleteTenant, (_, call, cancellationToken) => DeleteAsync(call, cancellationToken));

    /// <summary>Serves one call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> DeleteAsync(ReadOnlyMemory<byte> call, CancellationToken cancellationToken)
    {
        try
        {
            var (tenant, partitions) = DeleteTenantCodec.ReadCall(call.Span);
            return DeleteTenantCodec.WriteAnswer(await local.DeleteAsync(tenant, partitions, cancellationToken));
        }
        catch (RemoteFormatException exception)
        {
            throw new WireException(WireStatus.InvalidArgument, exception.Message, exception);
        }
    }
}
