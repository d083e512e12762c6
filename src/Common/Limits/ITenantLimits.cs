using Deucalion.Common.Tenants;

namespace Deucalion.Common.Limits;

/// <summary>Where roles ask for the limits of a tenant: once for each request, whose limits then stay the same. Thread-safe.</summary>
public interface ITenantLimits
{
    /// <summary>The limits in force. Cheap: a look into a table, nothing is allocated.</summary>
    TenantLimits Of(TenantId tenant);
}
