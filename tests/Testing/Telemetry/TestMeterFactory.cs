using System.Diagnostics.Metrics;

namespace Testing.Telemetry;

/// <summary>Meters for tests; <see cref="Sum(string)"/> reads what counters of this factory have counted.</summary>
public sealed class TestMeterFactory : IMeterFactory
{
    private readonly List<Meter> _meters = [];
    private readonly Dictionary<string, List<Labelled>> _sums = [];
    private readonly MeterListener _listener = new();

    public TestMeterFactory()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == this)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        _listener.Start();
    }

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options.Name, options.Version, options.Tags, scope: this);
        lock (_meters)
        {
            _meters.Add(meter);
        }

        return meter;
    }

    /// <summary>Sum of all measurements of an instrument, whatever their labels.</summary>
    public double Sum(string instrument) => Sum(instrument, static _ => true);

    /// <summary>Sum of the measurements with exactly these labels, as in <c>reason=x,tenant=a</c>, sorted by name.</summary>
    public double Sum(string instrument, string labels) => Sum(instrument, labelled => labelled.Text == labels);

    /// <summary>What the gauges of an instrument show together now.</summary>
    public double Gauge(string instrument)
    {
        lock (_sums)
        {
            _sums.Remove(instrument);
            _listener.RecordObservableInstruments();
            return Sum(instrument);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var meter in _meters)
        {
            meter.Dispose();
        }
    }

    private double Sum(string instrument, Func<Labelled, bool> counts)
    {
        lock (_sums)
        {
            return _sums.TryGetValue(instrument, out var all) ? all.Where(counts).Sum(static labelled => labelled.Sum) : 0;
        }
    }

    // Allocates for labels that are new only: tests measure what the product allocates.
    private void Add(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_sums)
        {
            if (!_sums.TryGetValue(name, out var all))
            {
                _sums[name] = all = [];
            }

            foreach (var known in all)
            {
                if (known.Has(tags))
                {
                    known.Sum += value;
                    return;
                }
            }

            all.Add(new Labelled([.. tags]) { Sum = value });
        }
    }

    private sealed class Labelled(KeyValuePair<string, object?>[] tags)
    {
        public string Text { get; } = string.Join(',', tags.OrderBy(static tag => tag.Key, StringComparer.Ordinal).Select(static tag => $"{tag.Key}={tag.Value}"));

        public double Sum { get; set; }

        public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> others)
        {
            if (others.Length != tags.Length)
            {
                return false;
            }

            for (var i = 0; i < tags.Length; i++)
            {
                if (tags[i].Key != others[i].Key || !Equals(tags[i].Value, others[i].Value))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
