using Deucalion.Common.Tenants;

namespace Deucalion.Node.Security;

/// <summary>Whether credentials that are right may do what a request asks for.</summary>
/// <param name="Status">200 where they may, else the status of the answer.</param>
/// <param name="Tenant">Whose data it is about; null where that is of no matter.</param>
/// <param name="Reason">Why they may not.</param>
internal sealed record AccessDecision(int Status, TenantId? Tenant, string Reason)
{
    /// <summary>Decides.</summary>
    /// <param name="rule">What the route asks for.</param>
    /// <param name="entry">Whose credentials they are.</param>
    /// <param name="named">The tenant that the request names, or nothing.</param>
    public static AccessDecision Of(RouteRule rule, AccessEntry entry, string named)
    {
        if ((entry.Rights & rule.Rights) == 0)
        {
            return Forbidden($"the right {rule.RightsText} is needed");
        }

        if (rule.Scope != RouteScope.Tenant)
        {
            return entry.Tenants.IsAll ? Allowed(null) : Forbidden($"the right {rule.RightsText} for all tenants (\"{TenantSet.AllWord}\") is needed");
        }

        if (named.Length == 0)
        {
            return entry.Tenants.Implied is { } only
                ? Allowed(only)
                : new AccessDecision(StatusCodes.Status400BadRequest, null, $"these credentials are good for several tenants: the header {AccessGate.TenantHeader} has to name one");
        }

        if (!TenantId.TryParse(named, out var tenant, out var error))
        {
            return new AccessDecision(StatusCodes.Status400BadRequest, null, error);
        }

        return entry.Tenants.Contains(tenant) ? Allowed(tenant) : Forbidden($"the right {rule.RightsText} for the tenant {tenant} is needed");
    }

    private static AccessDecision Allowed(TenantId? tenant) => new(StatusCodes.Status200OK, tenant, string.Empty);

    private static AccessDecision Forbidden(string reason) => new(StatusCodes.Status403Forbidden, null, reason);
}
