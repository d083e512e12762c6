using System.Diagnostics.Metrics;
using Deucalion.Querier.Api;

namespace Deucalion.Querier;

/// <summary>The querier's own figures. Thread-safe.</summary>
internal sealed class QuerierMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Deucalion.Querier";

    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _samples;
    private readonly Counter<long> _errors;
    private readonly UpDownCounter<long> _running;
    private readonly UpDownCounter<long> _waiting;
    private readonly UpDownCounter<long> _openBlocks;
    private readonly Counter<long> _refreshes;

    public QuerierMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _duration = _meter.CreateHistogram("deucalion_querier_request_duration_seconds", "s", "Time to answer a request of the query API.", advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
        });
        _samples = _meter.CreateCounter<long>("deucalion_querier_samples_total", null, "Samples that queries looked at.");
        _errors = _meter.CreateCounter<long>("deucalion_querier_errors_total", null, "Requests answered with an error, by its type.");
        _running = _meter.CreateUpDownCounter<long>("deucalion_querier_queries_running", null, "Queries being evaluated.");
        _waiting = _meter.CreateUpDownCounter<long>("deucalion_querier_queries_waiting", null, "Queries waiting for their turn.");
        _openBlocks = _meter.CreateUpDownCounter<long>("deucalion_querier_blocks_open", null, "Blocks held open for queries.");
        _refreshes = _meter.CreateCounter<long>("deucalion_querier_manifest_refreshes_total", null, "Times a tenant's block lists were read from the store.");
    }

    public void Answered(string endpoint, TimeSpan duration) => _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("endpoint", endpoint));

    public void Failed(ApiErrorType type) => _errors.Add(1, new KeyValuePair<string, object?>("type", ApiErrors.NameOf(type)));

    public void Evaluated(long samples) => _samples.Add(samples);

    public void Running(int change) => _running.Add(change);

    public void Waiting(int change) => _waiting.Add(change);

    public void OpenBlocks(int change) => _openBlocks.Add(change);

    public void ManifestsRefreshed() => _refreshes.Add(1);

    public void Dispose() => _meter.Dispose();
}
