using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;
using Deucalion.PromQL.Engine;
using Deucalion.Querier.Sources;

namespace Deucalion.Querier.Api;

/// <summary>The limits of one query's run: its tenant's, and the time that its request asked for. Says which of them ended it. Immutable.</summary>
/// <param name="tenant">Whose query.</param>
/// <param name="limits">The tenant's limits.</param>
/// <param name="asked">The time that the request asked for.</param>
internal sealed class OwnLimits(TenantId tenant, TenantLimits limits, TimeSpan asked)
{
    private const string QueueTimeout = "query timed out in query queue";

    /// <summary>Whose query.</summary>
    public TenantId Tenant => tenant;

    /// <summary>The tenant's limits.</summary>
    public TenantLimits Limits => limits;

    /// <summary>Longest time, waiting included.</summary>
    public TimeSpan Timeout => IsAsked ? asked : limits.QueryTimeout;

    private bool IsAsked => asked < limits.QueryTimeout;

    /// <summary>The tenant's samples, no more than its queries may look at.</summary>
    public PromQL.Sources.IQueryable Samples(ITenantSources sources) => limits.QueryMaxRange is { } longest
        ? new RangeLimitedSamples(
            sources.Samples(tenant),
            longest,
            length => Exceeded(LimitName.QueryMaxRange, $"a selector that looks at {LimitText.Duration((long)length.TotalMilliseconds)} exceeds"))
        : sources.Samples(tenant);

    /// <summary>What is told to who has waited too long.</summary>
    /// <param name="isAtLimit">Whether the tenant's other queries were what it waited for.</param>
    public string QueueText(bool isAtLimit) => isAtLimit ? $"{QueueTimeout}: {Exceeded(LimitName.QueryMaxConcurrent, "this query beside those that run would exceed")}"
        : IsAsked ? QueueTimeout
        : $"{QueueTimeout}: {Exceeded(LimitName.QueryTimeout, "a query that waits longer exceeds")}";

    /// <summary>The failure with the limit that was behind it; null where it was none of the tenant's.</summary>
    public ApiException? Explain(QueryException failure) => failure switch
    {
        { Exhausted: QueryResource.Samples } => Explained(failure, ApiErrorType.Execution, LimitName.QueryMaxSamples, "more samples exceed"),
        { Exhausted: QueryResource.Bytes } => Explained(failure, ApiErrorType.Execution, LimitName.QueryMaxBytes, "more memory exceeds"),
        { Kind: QueryErrorKind.Timeout } when !IsAsked => Explained(failure, ApiErrorType.Timeout, LimitName.QueryTimeout, "a longer query exceeds"),
        _ => null,
    };

    private ApiException Explained(QueryException failure, ApiErrorType type, LimitName limit, string what) =>
        new(type, $"{failure.Message}: {Exceeded(limit, what)}", failure);

    private string Exceeded(LimitName limit, string what) => LimitText.Exceeded(tenant, limits, limit, what);
}
