using Deucalion.Common.Manifests;
using Deucalion.Common.Tenants;

namespace Deucalion.Querier.Sources;

/// <summary>The manifests in the object store. Thread-safe.</summary>
internal sealed class StoredManifests(ManifestStore store) : IManifestReader
{
    public async ValueTask<IReadOnlyList<Manifest>> ReadAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var manifests = new List<Manifest>();
        await foreach (var manifest in store.ListAsync(tenant, cancellationToken))
        {
            manifests.Add(manifest);
        }

        return manifests;
    }
}
