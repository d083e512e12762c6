using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Deucalion.Common.Labels;

namespace Deucalion.Common.Telemetry;

/// <summary>
/// Collects every instrument made through one <see cref="MeterFactory"/> and shows their state as Prometheus metric families.
/// Instrument names are metric names as they stand; the kind of instrument gives the type. Thread-safe.
/// </summary>
public sealed class MetricsRegistry : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, InstrumentState> _instruments = new();

    /// <summary>Listens to the meters of <paramref name="factory"/>, those made later too.</summary>
    public MetricsRegistry(IMeterFactory factory)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Frameworks make instruments through the same factory, with names that are none in Prometheus's sense.
            if (ReferenceEquals(instrument.Meter.Scope, factory) && LabelText.IsLegacyMetricName(instrument.Name))
            {
                var state = new InstrumentState(instrument);
                _instruments[instrument] = state;
                listener.EnableMeasurementEvents(instrument, state);
            }
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((InstrumentState)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((InstrumentState)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((InstrumentState)state!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>All families with at least one point, sorted by name. Asks the observable instruments for their values.</summary>
    public IReadOnlyList<MetricFamily> Collect()
    {
        foreach (var state in _instruments.Values)
        {
            state.BeginCollection();
        }

        _listener.RecordObservableInstruments();
        var families = new List<MetricFamily>();
        foreach (var group in _instruments.Values.GroupBy(static s => s.Name).OrderBy(static g => g.Key, StringComparer.Ordinal))
        {
            var first = group.First();
            var points = new List<MetricPoint>();
            foreach (var state in group)
            {
                state.AppendPoints(points);
            }

            if (points.Count > 0)
            {
                families.Add(new MetricFamily(first.Name, first.Help, first.Type, points));
            }
        }

        return families;
    }

    /// <summary>Stops listening.</summary>
    public void Dispose() => _listener.Dispose();
}
