using Deucalion.Common.Tenants;

namespace Deucalion.Compactor.Retention;

/// <summary>What a tenant keeps; null means without bound.</summary>
/// <param name="MaxAge">A block goes when all its samples are older.</param>
/// <param name="MaxBytes">The oldest blocks go while those of all partitions together are larger.</param>
public sealed record RetentionPolicy(TimeSpan? MaxAge, long? MaxBytes)
{
    /// <summary>Keeps everything: long-term storage drops nothing unless told to.</summary>
    public static readonly RetentionPolicy KeepAll = new(null, null);
}

/// <summary>When and what retention removes.</summary>
public sealed record RetentionOptions
{
    /// <summary>Policy of tenants that have none of their own.</summary>
    public RetentionPolicy Default { get; init; } = RetentionPolicy.KeepAll;

    /// <summary>Policies of single tenants.</summary>
    public IReadOnlyDictionary<TenantId, RetentionPolicy> Tenants { get; init; } = new Dictionary<TenantId, RetentionPolicy>();

    /// <summary>How often the manifests are looked through.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// From leaving the manifest to deletion of the objects: longer than readers use an old manifest (1 min) plus the longest query (2 min),
    /// with a wide margin for paused processes.
    /// </summary>
    public TimeSpan DeleteDelay { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a manifest remembers a retired block, so that a reader told of its hand-over knows that it went on purpose.</summary>
    public TimeSpan RememberRetired { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Age from which an upload that no manifest lists is an orphan. Far longer than a shipping attempt may take between its first object and
    /// its manifest change (half an hour).
    /// </summary>
    public TimeSpan OrphanDelay { get; init; } = TimeSpan.FromHours(4);

    /// <summary>The policy of a tenant.</summary>
    public RetentionPolicy PolicyOf(TenantId tenant) => Tenants.TryGetValue(tenant, out var policy) ? policy : Default;
}
