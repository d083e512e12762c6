using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Sources;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>Series in memory, as a storage engine would give them back. Loading and reading must not overlap.</summary>
public sealed class MemoryStore : IQueryable
{
    private readonly Dictionary<Labels, MemorySeries> _series = [];

    /// <summary>Forgets all series.</summary>
    public void Clear() => _series.Clear();

    /// <summary>Adds a float, newer than what the series holds.</summary>
    public void Add(Labels labels, long time, double value, long startTime = 0) => Series(labels).Add(time, startTime, value);

    /// <summary>Adds a histogram, newer than what the series holds.</summary>
    public void Add(Labels labels, long time, FloatHistogram histogram, long startTime = 0) => Series(labels).Add(time, startTime, histogram);

    /// <inheritdoc/>
    public ValueTask<ISeriesSet> SelectAsync(SelectRequest request, CancellationToken cancellationToken)
    {
        var found = new List<MemorySeries>();
        foreach (var series in _series.Values)
        {
            if (Matches(series.Labels, request.Matchers) && series.HasSamples(request.MinTime, request.MaxTime))
            {
                found.Add(series);
            }
        }

        found.Sort(static (a, b) => a.Labels.CompareTo(b.Labels));
        return new(new MemorySeriesSet(found, request.MinTime, request.MaxTime));
    }

    private static bool Matches(Labels labels, IReadOnlyList<LabelMatcher> matchers)
    {
        foreach (var matcher in matchers)
        {
            if (!matcher.Matches(labels.Get(matcher.Name)))
            {
                return false;
            }
        }

        return true;
    }

    private MemorySeries Series(Labels labels)
    {
        if (!_series.TryGetValue(labels, out var series))
        {
            _series[labels] = series = new MemorySeries(labels);
        }

        return series;
    }
}
