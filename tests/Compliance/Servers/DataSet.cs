using Deucalion.Common.Labels;
using Deucalion.PromQL.TestLanguage;
using Deucalion.Testing.RemoteWrite;

namespace Deucalion.Compliance.Servers;

/// <summary>
/// Samples that both engines get. Every series should begin at the first time: series are created in the order of their labels then,
/// and what depends on the order of series is the same in both.
/// </summary>
public sealed class DataSet
{
    private const long SliceMs = 5 * 60 * 1000;

    private readonly SortedDictionary<Labels, DataSeries> _series = [];

    public IEnumerable<DataSeries> Series => _series.Values;

    public DataSeries Add(Labels labels, bool integerHistograms = false)
    {
        var series = new DataSeries(labels, [], integerHistograms);
        _series.Add(labels, series);
        return series;
    }

    /// <summary>The same data in memory.</summary>
    public MemoryStore ToStore()
    {
        var store = new MemoryStore();
        foreach (var series in Series)
        {
            foreach (var sample in series.Samples)
            {
                if (sample.Histogram is { } histogram)
                {
                    store.Add(series.Labels, sample.Time, histogram);
                }
                else
                {
                    store.Add(series.Labels, sample.Time, sample.Value);
                }
            }
        }

        return store;
    }

    /// <summary>Sends everything by remote write, slice of time after slice of time.</summary>
    public async Task SendAsync(HttpClient http)
    {
        var next = _series.Values.ToDictionary(static s => s, static _ => 0);
        var first = _series.Values.Min(static s => s.Samples[0].Time);
        var last = _series.Values.Max(static s => s.Samples[^1].Time);
        for (var from = first; from <= last; from += SliceMs)
        {
            var request = new WriteRequestEncoder();
            foreach (var series in _series.Values)
            {
                next[series] = Append(request, series, next[series], from + SliceMs);
            }

            await Pushing.PushAsync(http, request, "/api/v1/write");
        }
    }

    /// <summary>Largest finite magnitude among the samples of each metric.</summary>
    public Dictionary<string, double> Magnitudes()
    {
        var magnitudes = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var series in Series)
        {
            var name = series.Labels.Get(Labels.MetricName);
            var largest = series.Samples.SelectMany(static s => s.Histogram is { } h ? [h.Count, h.Sum] : new[] { s.Value })
                .Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
            magnitudes[name] = Math.Max(magnitudes.GetValueOrDefault(name), largest);
        }

        return magnitudes;
    }

    private static int Append(WriteRequestEncoder request, DataSeries series, int next, long before)
    {
        var floats = new List<(long, double)>();
        var histograms = new List<byte>();
        for (; next < series.Samples.Count && series.Samples[next].Time < before; next++)
        {
            var sample = series.Samples[next];
            if (sample.Histogram is { } histogram)
            {
                HistogramMessage.Append(histograms, sample.Time, histogram, series.IntegerHistograms);
            }
            else
            {
                floats.Add((sample.Time, sample.Value));
            }
        }

        if (floats.Count > 0 && histograms.Count > 0)
        {
            throw new InvalidOperationException("a slice must not mix floats and histograms of one series: the receiver appends all floats first");
        }

        if (floats.Count > 0 || histograms.Count > 0)
        {
            var labels = Enumerable.Range(0, series.Labels.Count).Select(i => (series.Labels.NameAt(i), series.Labels.ValueAt(i)));
            request.Series(labels, floats, unknown: [.. histograms]);
        }

        return next;
    }
}
