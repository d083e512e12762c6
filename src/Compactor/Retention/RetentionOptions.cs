using Deucalion.Common.Tenants;

namespace Deucalion.Compactor.Retention;

/// <summary>When and what retention removes.</summary>
public sealed record RetentionOptions
{
    /// <summary>What each tenant keeps.</summary>
    public ITenantRetention Tenants { get; init; } = SameRetention.KeepAll;

    /// <summary>How often the manifests are looked through.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// From leaving the manifest to deletion of the objects: longer than readers use an old manifest (1 min) plus the longest query (2 min),
    /// with a wide margin for paused processes. While the store does not answer readers use older ones, and fail where they find an object missing.
    /// </summary>
    public TimeSpan DeleteDelay { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a manifest remembers a retired block, so that a reader told of its hand-over knows that it went on purpose.</summary>
    public TimeSpan RememberRetired { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Age from which an upload that no manifest lists is an orphan. Far longer than a shipping attempt may take between its first object and
    /// its manifest change (half an hour).
    /// </summary>
    public TimeSpan OrphanDelay { get; init; } = TimeSpan.FromHours(4);

    /// <summary>
    /// Time between two looks for orphans of a tenant. A look lists every object of every block, which a store charges for, and an orphan that stays an hour
    /// longer does no harm.
    /// </summary>
    public TimeSpan OrphanInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The policy of a tenant.</summary>
    internal RetentionPolicy PolicyOf(TenantId tenant) => new(Tenants.TimeOf(tenant.Value), Tenants.SizeOf(tenant.Value));
}
