using Deucalion.Common.Manifests;
using Deucalion.Common.Tenants;

namespace Deucalion.Querier.Sources;

/// <summary>Reads the manifests of all partitions of a tenant as they are now. Thread-safe.</summary>
internal interface IManifestReader
{
    ValueTask<IReadOnlyList<Manifest>> ReadAsync(TenantId tenant, CancellationToken cancellationToken);
}
