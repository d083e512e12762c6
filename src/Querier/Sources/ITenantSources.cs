using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Tenants;

namespace Deucalion.Querier.Sources;

/// <summary>
/// All data of a tenant, heads and blocks as one. Times are Unix milliseconds, inclusive. A part that cannot be read makes a call throw:
/// never a silent gap. Thread-safe.
/// </summary>
public interface ITenantSources
{
    /// <summary>Where the engine reads the tenant's samples.</summary>
    PromQL.Sources.IQueryable Samples(TenantId tenant);

    /// <summary>Names of labels of the series that satisfy all matchers (all series without matchers), sorted bytewise, each once.</summary>
    ValueTask<IReadOnlyList<string>> LabelNamesAsync(TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken);

    /// <summary>Values of a label of such series, sorted bytewise, each once.</summary>
    ValueTask<IReadOnlyList<string>> LabelValuesAsync(TenantId tenant, string name, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken);

    /// <summary>Label sets of such series, each once, in unspecified order.</summary>
    ValueTask<IReadOnlyCollection<Labels>> SeriesAsync(TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken);

    /// <summary>Metric metadata; a family may occur several times.</summary>
    ValueTask<IReadOnlyList<MetricMetadata>> MetadataAsync(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>
    /// Exemplars with minTime ≤ time ≤ maxTime of series that satisfy all matchers of at least one of the lists; each series once, in order of labels,
    /// its exemplars in order of time. Only heads hold exemplars: those whose samples went to a block long ago are gone.
    /// </summary>
    ValueTask<IReadOnlyList<SeriesExemplars>> ExemplarsAsync(
        TenantId tenant, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, long minTime, long maxTime, CancellationToken cancellationToken);

    /// <summary>Figures of the tenant's heads.</summary>
    ValueTask<HeadStatus> StatusAsync(TenantId tenant, int limit, CancellationToken cancellationToken);
}
