using System.Globalization;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Compliance.Servers;

namespace Deucalion.Compliance.Demo;

/// <summary>
/// What three instances of the demo service would have exposed for 85 minutes, scraped every 5 s: the metrics, labels and kinds that
/// the compliance queries name.
/// </summary>
public sealed class DemoData
{
    public const long Start = 1_700_000_000_000;
    public const long End = Start + (85 * 60 * 1000);

    private const long Interval = 5000;
    private static readonly string[] Paths = ["/api/foo", "/api/bar", "/api/nonexistent"];
    private static readonly string[] Bounds = ["0.0001", "0.00015000000000000001", "0.00022500000000000002", "0.0005", "0.001", "0.005", "0.025", "0.1", "0.5", "1", "+Inf"];

    private readonly DataSet _data = new();
    private readonly Random _random;

    private DemoData(int seed)
    {
        _random = new Random(seed);
    }

    public static DataSet Create(int seed)
    {
        var demo = new DemoData(seed);
        for (var i = 0; i < 3; i++)
        {
            demo.Instance(string.Create(CultureInfo.InvariantCulture, $"demo.promlabs.com:1000{i}"), i * 1700);
        }

        return demo._data;
    }

    private void Instance(string instance, long phase)
    {
        foreach (var type in (string[])["buffers", "cached", "free", "used"])
        {
            var level = 1e9 * (1 + _random.NextDouble());
            Gauge(instance, phase, "demo_memory_usage_bytes", _ => level = Math.Round(level + (2e6 * (_random.NextDouble() - 0.5))), ("type", type));
        }

        foreach (var mode in (string[])["idle", "system", "user"])
        {
            double seconds = 0;
            Gauge(
                instance,
                phase,
                "demo_cpu_usage_seconds_total",
                _ => seconds = _random.Next(400) == 0 ? 0 : seconds + (5 * _random.NextDouble()),
                ("mode", mode));
        }

        double disk = 2e10;
        Gauge(instance, phase, "demo_disk_usage_bytes", _ => disk += Math.Floor(1e5 * _random.NextDouble()));
        Gauge(instance, phase, "demo_disk_total_bytes", static _ => 250e9);
        Gauge(instance, phase, "demo_num_cpus", static _ => 4);
        var last = Start / 1000.0;
        Gauge(instance, phase, "demo_batch_last_success_timestamp_seconds", t => last = _random.Next(12) == 0 ? t / 1000.0 : last);
        Intermittent(instance, phase);
        foreach (var path in Paths)
        {
            foreach (var status in (string[])["200", "500"])
            {
                Latencies(instance, phase, ("method", "GET"), ("path", path), ("status", status));
            }
        }
    }

    private void Gauge(string instance, long phase, string name, Func<long, double> value, params (string, string)[] labels)
    {
        var series = Series(instance, name, labels);
        for (var t = Start + phase; t <= End; t += Interval)
        {
            series.Add(t, value(t));
        }
    }

    /// <summary>There for some minutes, gone for some minutes, with a stale marker in between.</summary>
    private void Intermittent(string instance, long phase)
    {
        var series = Series(instance, "demo_intermittent_metric");
        var present = true;
        var left = 20;
        for (var t = Start + phase; t <= End; t += Interval)
        {
            if (present)
            {
                series.Add(t, left == 1 ? SpecialValues.StaleNaN : 1);
            }

            if (--left == 0)
            {
                present = !present;
                left = _random.Next(12, 90);
            }
        }
    }

    private void Latencies(string instance, long phase, params (string, string)[] labels)
    {
        var buckets = Bounds.Select(b => Series(instance, "demo_api_request_duration_seconds_bucket", [.. labels, ("le", b)])).ToArray();
        var count = Series(instance, "demo_api_request_duration_seconds_count", labels);
        var sum = Series(instance, "demo_api_request_duration_seconds_sum", labels);
        var counts = new double[Bounds.Length];
        double total = 0;
        for (var t = Start + phase; t <= End; t += Interval)
        {
            for (var n = _random.Next(30); n > 0; n--)
            {
                var seconds = Math.Pow(10, -5 + (5 * _random.NextDouble()));
                total += seconds;
                for (var b = 0; b < Bounds.Length; b++)
                {
                    counts[b] += b == Bounds.Length - 1 || seconds <= double.Parse(Bounds[b], CultureInfo.InvariantCulture) ? 1 : 0;
                }
            }

            for (var b = 0; b < Bounds.Length; b++)
            {
                buckets[b].Add(t, counts[b]);
            }

            count.Add(t, counts[^1]);
            sum.Add(t, total);
        }
    }

    private DataSeries Series(string instance, string name, params (string, string)[] labels) =>
        _data.Add(Labels.Of([(Labels.MetricName, name), ("instance", instance), ("job", "demo"), .. labels]));
}
