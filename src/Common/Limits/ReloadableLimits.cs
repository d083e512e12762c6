using Deucalion.Common.Tenants;

namespace Deucalion.Common.Limits;

/// <summary>The limits in force, replaced as a whole by a reload: whoever asks sees all of the old or all of the new ones. Thread-safe.</summary>
public sealed class ReloadableLimits(LimitSet initial) : ITenantLimits
{
    private volatile LimitSet _current = initial;

    /// <summary>The limits in force.</summary>
    public LimitSet Current => _current;

    /// <summary>Puts others into force, for requests that begin from now on.</summary>
    public void Replace(LimitSet limits) => _current = limits;

    /// <inheritdoc/>
    public TenantLimits Of(TenantId tenant) => _current.Of(tenant);
}
