using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Tenants;

namespace Deucalion.Querier.Tests.Sources;

/// <summary>Heads that hold what the test puts into <see cref="Series"/> and name what it puts into <see cref="Truncated"/>.</summary>
internal sealed class FakeHeads : IHeadReads
{
    private volatile State _state = new([], []);

    public IReadOnlyList<TestSeries> Series
    {
        get => _state.Series;
        set => _state = _state with { Series = value };
    }

    public IReadOnlyList<TruncatedGeneration> Truncated
    {
        get => _state.Truncated;
        set => _state = _state with { Truncated = value };
    }

    /// <summary>What heads answer for exemplars, unordered.</summary>
    public IReadOnlyList<SeriesExemplars> Exemplars { get; set; } = [];

    /// <summary>Both at once, as a head's truncation does.</summary>
    public void Change(IReadOnlyList<TestSeries> series, IReadOnlyList<TruncatedGeneration> truncated) => _state = new State(series, truncated);

    public ValueTask<HeadAnswer> SelectAsync(TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken)
    {
        var state = _state;
        return new(new HeadAnswer(Matching(state, matchers).Select(s => TestSeries.Batch(s)).ToList(), state.Truncated));
    }

    public ValueTask<HeadSeriesAnswer> SeriesAsync(TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken)
    {
        var state = _state;
        return new(new HeadSeriesAnswer(Matching(state, matchers).Select(s => s.Labels).ToList(), state.Truncated));
    }

    public ValueTask<HeadNamesAnswer> LabelNamesAsync(TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken)
    {
        var state = _state;
        var names = Matching(state, matchers).SelectMany(s => Enumerable.Range(0, s.Labels.Count).Select(s.Labels.NameAt)).Distinct().Order(StringComparer.Ordinal);
        return new(new HeadNamesAnswer(names.ToList(), state.Truncated));
    }

    public ValueTask<HeadNamesAnswer> LabelValuesAsync(TenantId tenant, string name, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken)
    {
        var state = _state;
        var values = Matching(state, matchers).Select(s => s.Labels.Get(name)).Where(v => v.Length > 0).Distinct().Order(StringComparer.Ordinal);
        return new(new HeadNamesAnswer(values.ToList(), state.Truncated));
    }

    public ValueTask<IReadOnlyList<MetricMetadata>> MetadataAsync(TenantId tenant, CancellationToken cancellationToken) => new([]);

    public ValueTask<IReadOnlyList<SeriesExemplars>> ExemplarsAsync(
        TenantId tenant, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, long minTime, long maxTime, CancellationToken cancellationToken) => new(Exemplars);

    public ValueTask<HeadStatus> StatusAsync(TenantId tenant, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    private static IEnumerable<TestSeries> Matching(State state, IReadOnlyList<LabelMatcher> matchers) =>
        state.Series.Where(s => matchers.All(m => m.Matches(s.Labels.Get(m.Name))));

    private sealed record State(IReadOnlyList<TestSeries> Series, IReadOnlyList<TruncatedGeneration> Truncated);
}
