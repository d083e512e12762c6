using System.Diagnostics.Metrics;

namespace Deucalion.PromQL.Engine;

/// <summary>Own metrics of the engine.</summary>
internal sealed class EngineMetrics
{
    private readonly Counter<long> _samples;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _seconds;

    public EngineMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.PromQL");
        _samples = meter.CreateCounter<long>("deucalion_query_samples_read_total", null, "Samples read by finished queries.");
        _failures = meter.CreateCounter<long>("deucalion_query_failures_total", null, "Queries that ended with an error.");
        _seconds = meter.CreateHistogram<double>("deucalion_query_duration_seconds", "s", "Run time of finished queries.");
    }

    public void Finished(bool isRange, TimeSpan elapsed, long samplesRead)
    {
        _samples.Add(samplesRead);
        _seconds.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("type", isRange ? "range" : "instant"));
    }

    public void Failed() => _failures.Add(1);
}
