using System.Diagnostics.Metrics;
using System.Globalization;

namespace Deucalion.Common.Telemetry;

/// <summary>The series of one instrument. Recording finds the series by comparing tags, without allocation once it exists.</summary>
internal sealed class InstrumentState
{
    // Seconds, for instruments that give no bounds of their own: from a fast in-memory answer to a slow query.
    private static readonly double[] DefaultBounds = [.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30];

    private readonly Lock _grow = new();
    private readonly bool _accumulates;
    private readonly bool _observable;
    private readonly double[] _bounds;
    private volatile InstrumentSeries[] _series = [];

    internal InstrumentState(Instrument instrument)
    {
        Name = instrument.Name;
        Help = instrument.Description ?? string.Empty;
        var kind = instrument.GetType().Name;
        _observable = instrument.IsObservable;
        Type = kind.StartsWith("Histogram", StringComparison.Ordinal) ? MetricType.Histogram
            : kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith("ObservableCounter", StringComparison.Ordinal) ? MetricType.Counter
            : MetricType.Gauge;
        _accumulates = !_observable && (Type == MetricType.Counter || kind.StartsWith("UpDownCounter", StringComparison.Ordinal));
        _bounds = Type == MetricType.Histogram ? BoundsOf(instrument) : [];
    }

    internal string Name { get; }

    internal string Help { get; }

    internal MetricType Type { get; }

    internal void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = Find(tags);
        if (Type == MetricType.Histogram)
        {
            series.Observe(value, _bounds);
        }
        else if (_accumulates)
        {
            series.Add(value);
        }
        else
        {
            series.Set(value);
        }
    }

    // What an observable instrument no longer reports is gone: its series start each collection unseen.
    internal void BeginCollection()
    {
        if (_observable)
        {
            foreach (var series in _series)
            {
                series.Forget();
            }
        }
    }

    internal void AppendPoints(List<MetricPoint> points)
    {
        foreach (var series in _series)
        {
            if (!series.Seen)
            {
                continue;
            }

            if (Type != MetricType.Histogram)
            {
                points.Add(new MetricPoint(string.Empty, series.Labels, series.Value));
                continue;
            }

            series.Snapshot(out var counts, out var sum);
            long cumulative = 0;
            for (var i = 0; i < counts.Length; i++)
            {
                cumulative += counts[i];
                var le = i < _bounds.Length ? _bounds[i].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
                points.Add(new MetricPoint("_bucket", [.. series.Labels, new("le", le)], cumulative));
            }

            points.Add(new MetricPoint("_sum", series.Labels, sum));
            points.Add(new MetricPoint("_count", series.Labels, cumulative));
        }
    }

    private static double[] BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> h when h.Advice?.HistogramBucketBoundaries is { Count: > 0 } b => [.. b],
        Histogram<long> h when h.Advice?.HistogramBucketBoundaries is { Count: > 0 } b => [.. b.Select(static x => (double)x)],
        _ => DefaultBounds,
    };

    private InstrumentSeries Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var series in _series)
        {
            if (series.Has(tags))
            {
                return series;
            }
        }

        lock (_grow)
        {
            foreach (var series in _series)
            {
                if (series.Has(tags))
                {
                    return series;
                }
            }

            var added = new InstrumentSeries(tags, Type == MetricType.Histogram ? _bounds.Length + 1 : 0);
            _series = [.. _series, added];
            return added;
        }
    }
}
