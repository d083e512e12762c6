namespace Deucalion.Node.Security;

/// <summary>A token or a user of the file of credentials.</summary>
internal sealed record AccessEntry
{
    /// <summary>What the operator calls it; for a user the name that is sent.</summary>
    public required string Name { get; init; }

    /// <summary>Tenants it is good for.</summary>
    public required TenantSet Tenants { get; init; }

    /// <summary>What it may do.</summary>
    public required AccessRight Rights { get; init; }

    /// <summary>From when on it is refused; null: never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Whether it is refused at a time.</summary>
    public bool IsExpired(DateTimeOffset now) => Expires <= now;
}
