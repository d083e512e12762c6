using System.Diagnostics.Metrics;

namespace Deucalion.Ingester.Shipping;

/// <summary>Metrics of shipping.</summary>
internal sealed class ShippingMetrics
{
    private readonly Counter<long> _blocks;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _samples;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _duration;
    private long _sealed;

    public ShippingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Ingester.Shipping");
        _blocks = meter.CreateCounter<long>("deucalion_ingester_shipped_blocks_total", description: "Blocks published.");
        _bytes = meter.CreateCounter<long>("deucalion_ingester_shipped_bytes_total", description: "Bytes of published blocks.");
        _samples = meter.CreateCounter<long>("deucalion_ingester_shipped_samples_total", description: "Samples of published blocks.");
        _failures = meter.CreateCounter<long>("deucalion_ingester_shipping_failures_total", description: "Attempts to publish a block that failed; they are repeated.");
        _duration = meter.CreateHistogram<double>("deucalion_ingester_shipping_duration_seconds", description: "Time to write, upload and publish a block.");
        meter.CreateObservableGauge("deucalion_ingester_unshipped_generations", () => Volatile.Read(ref _sealed), description: "Sealed generations that wait to become blocks.");
    }

    public void Waiting(int change) => Interlocked.Add(ref _sealed, change);

    public void Failed() => _failures.Add(1);

    public void Shipped(long bytes, long samples, TimeSpan duration)
    {
        _blocks.Add(1);
        _bytes.Add(bytes);
        _samples.Add(samples);
        _duration.Record(duration.TotalSeconds);
    }
}
