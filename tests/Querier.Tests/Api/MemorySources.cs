using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Common.Tenants;
using Deucalion.PromQL.Sources;
using Deucalion.Querier.Sources;

namespace Deucalion.Querier.Tests.Api;

/// <summary>Series in memory, the same for every tenant but <see cref="EmptyTenant"/>.</summary>
internal sealed class MemorySources : ITenantSources, PromQL.Sources.IQueryable
{
    public const string EmptyTenant = "empty";

    private readonly List<(Labels Labels, long[] Times, double[] Values)> _series = [];

    public List<MetricMetadata> Metadata { get; } = [];

    public List<SeriesExemplars> Exemplars { get; } = [];

    /// <summary>Awaited by each select before it answers.</summary>
    public Func<CancellationToken, Task> BeforeSelect { get; set; } = _ => Task.CompletedTask;

    /// <summary>What the names endpoint gets instead of the names of the series.</summary>
    public IReadOnlyList<string>? Names { get; set; }

    public void Add(Labels labels, long[] times, double[] values) => _series.Add((labels, times, values));

    public PromQL.Sources.IQueryable Samples(TenantId tenant) => tenant.Value == EmptyTenant ? new MemorySources() : this;

    public async ValueTask<ISeriesSet> SelectAsync(SelectRequest request, CancellationToken cancellationToken)
    {
        await BeforeSelect(cancellationToken);
        return new Found(_series.Where(s => Matches(s.Labels, request.Matchers)).ToList(), request);
    }

    public ValueTask<IReadOnlyList<string>> LabelNamesAsync(TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken) =>
        new(Names ?? Sorted(Find(tenant, matchers, minTime, maxTime).SelectMany(l => Enumerable.Range(0, l.Count).Select(l.NameAt))));

    public ValueTask<IReadOnlyList<string>> LabelValuesAsync(TenantId tenant, string name, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken) =>
        new(Sorted(Find(tenant, matchers, minTime, maxTime).Select(l => l.Get(name)).Where(v => v.Length > 0)));

    public ValueTask<IReadOnlyCollection<Labels>> SeriesAsync(TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken) =>
        new(Find(tenant, matchers, minTime, maxTime).ToList());

    public ValueTask<IReadOnlyList<MetricMetadata>> MetadataAsync(TenantId tenant, CancellationToken cancellationToken) => new(Metadata);

    public ValueTask<IReadOnlyList<SeriesExemplars>> ExemplarsAsync(
        TenantId tenant, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, long minTime, long maxTime, CancellationToken cancellationToken) =>
        new(Exemplars
            .Where(s => tenant.Value != EmptyTenant && selectors.Any(m => Matches(s.Series, m)))
            .Select(s => s with { Exemplars = [.. s.Exemplars.Where(e => e.Time >= minTime && e.Time <= maxTime)] })
            .Where(s => s.Exemplars.Count > 0)
            .ToList());

    public ValueTask<HeadStatus> StatusAsync(TenantId tenant, int limit, CancellationToken cancellationToken) => new(new HeadStatus
    {
        Series = _series.Count,
        LabelPairs = 7,
        Chunks = _series.Count,
        MinTime = 1000,
        MaxTime = 2000,
        SeriesByMetric = [new("up", 2), new("down", 1)],
        ValuesByLabel = [new("job", 2)],
        BytesByLabel = [new("job", 9)],
        SeriesByPair = [new("job=a", 2)],
    });

    private static List<string> Sorted(IEnumerable<string> names)
    {
        var sorted = names.Distinct().ToList();
        sorted.Sort(Utf8Order.Compare);
        return sorted;
    }

    private static bool Matches(Labels labels, IReadOnlyList<LabelMatcher> matchers) => matchers.All(m => m.Matches(labels.Get(m.Name)));

    private IEnumerable<Labels> Find(TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime) => tenant.Value == EmptyTenant
        ? []
        : _series.Where(s => Matches(s.Labels, matchers) && s.Times[0] <= maxTime && s.Times[^1] >= minTime).Select(s => s.Labels);

    private sealed class Found(List<(Labels Labels, long[] Times, double[] Values)> series, SelectRequest request) : ISeriesSet
    {
        private readonly LabelSets _labels = LabelSets.Of(series.Select(static s => s.Labels));

        public int Count => series.Count;

        public LabelPairs Pairs => _labels.Pairs;

        public ReadOnlySpan<int> PairsAt(int index) => _labels.PairsAt(index);

        public IReadOnlyList<string> Warnings => [];

        public Labels LabelsAt(int index) => series[index].Labels;

        public void Read(int index, SampleBuffer buffer)
        {
            buffer.Clear();
            for (var i = 0; i < series[index].Times.Length; i++)
            {
                if (series[index].Times[i] >= request.MinTime && series[index].Times[i] <= request.MaxTime)
                {
                    buffer.Add(series[index].Times[i], series[index].Values[i]);
                }
            }
        }

        public void Dispose() => _labels.Dispose();
    }
}
