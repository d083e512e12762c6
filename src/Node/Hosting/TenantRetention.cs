using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;
using Deucalion.Compactor.Retention;

namespace Deucalion.Node.Hosting;

/// <summary>What tenants keep, from the limits in force. Folders of the bucket that no tenant can have keep everything.</summary>
/// <param name="limits">The limits.</param>
internal sealed class TenantRetention(ITenantLimits limits) : ITenantRetention
{
    /// <inheritdoc/>
    public TimeSpan? TimeOf(string tenant) => Of(tenant)?.RetentionTime;

    /// <inheritdoc/>
    public long? SizeOf(string tenant) => Of(tenant)?.RetentionSize;

    private TenantLimits? Of(string tenant) => TenantId.TryParse(tenant, out var id, out _) ? limits.Of(id) : null;
}
