using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using Deucalion.Common.Telemetry;
using Xunit;

namespace Deucalion.Common.Tests.Telemetry;

public sealed class MetricsRegistryTests : IDisposable
{
    private readonly MeterFactory _factory = new();
    private readonly MetricsRegistry _registry;

    public MetricsRegistryTests()
    {
        _registry = new MetricsRegistry(_factory);
    }

    public void Dispose()
    {
        _registry.Dispose();
        _factory.Dispose();
    }

    [Fact]
    public void WritesCountersGaugesAndHistograms_InTextFormat()
    {
        var meter = _factory.Create("Test");
        var requests = meter.CreateCounter<long>("requests_total", null, "Requests \\ seen.\nAll.");
        requests.Add(2, new KeyValuePair<string, object?>("code", 200));
        requests.Add(3, new KeyValuePair<string, object?>("code", 200));
        requests.Add(1, new KeyValuePair<string, object?>("code", "a\"b"));
        meter.CreateObservableGauge("temperature", static () => -1.5);
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] };
        var latency = meter.CreateHistogram("latency_seconds", null, null, null, advice);
        latency.Record(0.1);
        latency.Record(0.5);
        latency.Record(7);

        Assert.Equal(
            """
            # TYPE latency_seconds histogram
            latency_seconds_bucket{le="0.1"} 1
            latency_seconds_bucket{le="1"} 2
            latency_seconds_bucket{le="+Inf"} 3
            latency_seconds_sum 7.6
            latency_seconds_count 3
            # HELP requests_total Requests \\ seen.\nAll.
            # TYPE requests_total counter
            requests_total{code="200"} 5
            requests_total{code="a\"b"} 1
            # TYPE temperature gauge
            temperature -1.5

            """,
            Text());
    }

    [Fact]
    public void ForgetsSeries_WhenAnObservableInstrumentNoLongerReportsThem()
    {
        var keys = new List<string> { "a", "b" };
        _factory.Create("Test").CreateObservableGauge("things", () => keys.Select(static k => new Measurement<int>(1, new KeyValuePair<string, object?>("key", k))));
        Assert.Contains("things{key=\"b\"} 1", Text(), StringComparison.Ordinal);

        keys.Remove("b");
        Assert.DoesNotContain("key=\"b\"", Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void CountsEveryAddition_WhenThreadsRecordAtOnce()
    {
        var counter = _factory.Create("Test").CreateCounter<long>("n_total");
        var histogram = _factory.Create("Test").CreateHistogram<double>("h");
        Parallel.For(0, 4, worker =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("worker", worker % 2 == 0 ? "even" : "odd"));
                histogram.Record(1);
            }
        });

        var text = Text();
        Assert.Contains("n_total{worker=\"even\"} 20000\n", text, StringComparison.Ordinal);
        Assert.Contains("n_total{worker=\"odd\"} 20000\n", text, StringComparison.Ordinal);
        Assert.Contains("h_count 40000\n", text, StringComparison.Ordinal);
        Assert.Contains("h_sum 40000\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void IgnoresMeters_WhenTheyBelongToAnotherFactory()
    {
        using var other = new MeterFactory();
        other.Create("Test").CreateCounter<long>("foreign_total").Add(1);
        Assert.Equal(string.Empty, Text());
    }

    [Fact]
    public void IgnoresInstruments_WhoseNamesAreNoMetricNames()
    {
        _factory.Create("Framework").CreateCounter<long>("http.server.requests").Add(1);
        Assert.Equal(string.Empty, Text());
    }

    private string Text()
    {
        var output = new ArrayBufferWriter<byte>();
        PrometheusText.Write(_registry.Collect(), output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
