using System.Collections.Frozen;
using Deucalion.Common.Tenants;

namespace Deucalion.Common.Limits;

/// <summary>The limits of all tenants as one configuration has them: defaults, and tenants that have others. Immutable.</summary>
public sealed class LimitSet(TenantLimits defaults, IReadOnlyDictionary<TenantId, TenantLimits> overrides) : ITenantLimits
{
    private readonly FrozenDictionary<TenantId, TenantLimits> _overrides = overrides.ToFrozenDictionary();

    /// <summary>Limits of tenants that have no others.</summary>
    public TenantLimits Defaults { get; } = defaults;

    /// <summary>Tenants that have others, in order of their names.</summary>
    public IEnumerable<TenantId> Overridden => _overrides.Keys.OrderBy(static tenant => tenant.Value, StringComparer.Ordinal);

    /// <summary>The same limits for all tenants.</summary>
    public static LimitSet Same(TenantLimits limits) => new(limits, FrozenDictionary<TenantId, TenantLimits>.Empty);

    /// <inheritdoc/>
    public TenantLimits Of(TenantId tenant) => _overrides.TryGetValue(tenant, out var own) ? own : Defaults;
}
