using System.Diagnostics.Metrics;

namespace Deucalion.Common.Objects;

/// <summary>What object stores measure.</summary>
public sealed class ObjectStoreMetrics
{
    private readonly Counter<long> _operations;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _repetitions;
    private readonly Histogram<double> _duration;

    /// <summary>Creates the instruments.</summary>
    public ObjectStoreMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Objects");
        _operations = meter.CreateCounter<long>("deucalion_object_store_operations_total", null, "Operations of the object store, by purpose (blocks, coordination) and outcome: ok, missing, refused (condition does not hold), failed, cancelled.");
        _bytes = meter.CreateCounter<long>("deucalion_object_store_bytes_total", "bytes", "Bytes of objects that were written and read.");
        _repetitions = meter.CreateCounter<long>("deucalion_object_store_repetitions_total", null, "Requests that were sent again because the store failed, throttled or did not answer.");
        _duration = meter.CreateHistogram<double>("deucalion_object_store_duration_seconds", "seconds", "Time of an operation with its repetitions.", advice: new InstrumentAdvice<double>
        {
            // From a local file to a long upload.
            HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
        });
    }

    internal void Done(string purpose, string operation, string outcome, TimeSpan duration, long bytes)
    {
        _operations.Add(1, new("purpose", purpose), new("operation", operation), new("outcome", outcome));
        _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("operation", operation));
        if (bytes > 0)
        {
            _bytes.Add(bytes, new KeyValuePair<string, object?>("operation", operation));
        }
    }

    internal void Repeated(string operation) => _repetitions.Add(1, new KeyValuePair<string, object?>("operation", operation));
}
