using System.Globalization;
using System.Text;
using Deucalion.Common.Hashing;
using Deucalion.Common.Tenants;
using Deucalion.Replication.Coordination;

namespace Deucalion.Compactor.Compaction;

/// <summary>
/// Whose turn it is: one node at a time merges the blocks of a tenant. It spares work, no more: two that merge the same blocks do no harm, since the
/// manifest takes the result of the first.
/// </summary>
internal sealed class TenantLeases(ICoordinationStore store, string node)
{
    // Tenants share leases: a store keeps the document of every lease that there ever was, and may list all of them every few seconds.
    private const int Leases = 64;

    /// <summary>The lease that the tenant comes under, or null while it is held: by another node, or here for another tenant.</summary>
    public async Task<ICoordinationLease?> TryAcquireAsync(TenantId tenant, CancellationToken cancellationToken) =>
        await store.TryAcquireLeaseAsync(NameOf(tenant), node, store.RecommendedTimeToLive, cancellationToken);

    /// <summary>Name of the lease that a tenant comes under.</summary>
    public static string NameOf(TenantId tenant) =>
        "compaction/" + (XxHash64.Compute(Encoding.UTF8.GetBytes(tenant.Value)) % Leases).ToString(CultureInfo.InvariantCulture);
}
