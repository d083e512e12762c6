using Deucalion.Common.Limits;

namespace Deucalion.Querier;

/// <summary>Settings of the querier; the defaults of the query limits are those of a Prometheus server, so that a query that runs there runs here.</summary>
public sealed record QuerierOptions
{
    /// <summary>How far an instant selector looks back. 5 min: four missed scrapes at the common interval of 1 min.</summary>
    public TimeSpan LookbackDelta { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest time for a query, waiting included. 2 min: longer than any dashboard waits.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Most samples one query may hold at a time. 50 million floats are about 800 MB.</summary>
    public long MaxSamples { get; init; } = 50_000_000;

    /// <summary>Most memory one query may hold at a time, bytes. 1 GiB: a dashboard's heaviest panel needs a tenth.</summary>
    public long MaxBytes { get; init; } = 1L << 30;

    /// <summary>Queries that run at the same time on this node; more wait, tenants in turn. 20: one dashboard's panels.</summary>
    public int MaxConcurrency { get; init; } = 20;

    /// <summary>The same bounds as limits of a tenant.</summary>
    public TenantLimits Limits => new() { QueryTimeout = Timeout, QueryMaxSamples = MaxSamples, QueryMaxBytes = MaxBytes, QueryMaxConcurrent = MaxConcurrency };

    /// <summary>Step of subqueries that name none. 1 min: the default evaluation interval of rules.</summary>
    public TimeSpan DefaultEvaluationInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Switches of the query language by Prometheus's names of its feature flags; all off, as there.</summary>
    public IReadOnlyCollection<string> Features { get; init; } = [];

    /// <summary>How long a tenant's list of blocks is used without asking the store for a newer one. 15 s: a block is searched soon after it is published, and a dashboard costs one listing.</summary>
    public TimeSpan ManifestTtl { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long the list is used while the store does not answer. 45 min: heads name what they handed over for an hour, by clocks of nodes that may differ, so a
    /// younger list hides nothing. Zero where there are no heads that would name it.
    /// </summary>
    public TimeSpan ManifestMaxAge { get; init; } = TimeSpan.FromMinutes(45);

    /// <summary>How far ahead of the clock samples may be. 10 min, as <c>ingest.max_future</c>.</summary>
    public TimeSpan MaxFuture { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a block that no query uses stays open. 10 min: dashboards refresh more often.</summary>
    public TimeSpan BlockIdleTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Directory for the headers of the indexes of blocks in a remote bucket (symbols and places of postings, some percent of a block); null keeps none.</summary>
    public string? IndexHeaderPath { get; init; }

    /// <summary>Origins that browsers may call from: null allows all, else a regular expression that must match the whole origin.</summary>
    public string? CorsOrigin { get; init; }
}
