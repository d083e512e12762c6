using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Tenants;

namespace Deucalion.Node.Roles;

/// <summary>The heads of a node without the ingester role: there are none, its queries read the blocks of the bucket alone.</summary>
internal sealed class EmptyHeads : IHeadReads
{
    private static readonly HeadNamesAnswer NoNames = new([], []);

    public ValueTask<HeadAnswer> SelectAsync(TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new HeadAnswer([], []));

    public ValueTask<HeadSeriesAnswer> SeriesAsync(TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new HeadSeriesAnswer([], []));

    public ValueTask<HeadNamesAnswer> LabelNamesAsync(TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken) =>
        ValueTask.FromResult(NoNames);

    public ValueTask<HeadNamesAnswer> LabelValuesAsync(
        TenantId tenant, string name, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken) => ValueTask.FromResult(NoNames);

    public ValueTask<IReadOnlyList<MetricMetadata>> MetadataAsync(TenantId tenant, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<MetricMetadata>>([]);

    public ValueTask<IReadOnlyList<SeriesExemplars>> ExemplarsAsync(
        TenantId tenant, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, long minTime, long maxTime, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<SeriesExemplars>>([]);

    public ValueTask<HeadStatus> StatusAsync(TenantId tenant, int limit, CancellationToken cancellationToken) => ValueTask.FromResult(new HeadStatus
    {
        Series = 0,
        LabelPairs = 0,
        Chunks = 0,
        MinTime = long.MaxValue,
        MaxTime = long.MinValue,
        SeriesByMetric = [],
        ValuesByLabel = [],
        BytesByLabel = [],
        SeriesByPair = [],
    });
}
