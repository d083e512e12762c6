using System.Globalization;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Compliance.Servers;

namespace Deucalion.Compliance.Differential;

/// <summary>Seeded data with what makes PromQL hard: gaps, resets, stale markers, NaN, infinities, classic and native histograms, mixed series.</summary>
public sealed class RandomData
{
    public const long Start = 1_700_000_100_000;
    public const long End = Start + (80 * 60 * 1000);

    /// <summary>Samples keep one kind for so long: requests hold one kind of a series each.</summary>
    private const long PhaseMs = 5 * 60 * 1000;

    private static readonly string[] Jobs = ["api", "db"];
    private static readonly string[] Instances = ["a:1", "b:2", "c10"];
    private static readonly double[] Special = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, -0.0, 1, -1, 1e-300, 2.5, 1e15];

    private readonly DataSet _data = new();
    private readonly Random _random;

    private RandomData(int seed)
    {
        _random = new Random(seed);
    }

    public static DataSet Create(int seed)
    {
        var data = new RandomData(seed);
        foreach (var job in Jobs)
        {
            foreach (var instance in Instances)
            {
                data.Target(job, instance);
            }
        }

        data.OddBuckets();
        return data._data;
    }

    private void Target(string job, string instance)
    {
        foreach (var code in (string[])["200", "404", "500"])
        {
            Floats("requests_total", Counter(code == "500" ? 0.1 : 3), ("job", job), ("instance", instance), ("code", code));
        }

        Floats("failures_total", Counter(0.5), ("job", job), ("instance", instance));
        double walk = _random.Next(50);
        Floats("load", _ => walk += _random.Next(-2, 3), ("job", job), ("instance", instance));
        foreach (var zone in (string[])["north", "south"])
        {
            Floats("temp_celsius", _ => (_random.NextDouble() * 60) - 20, ("job", job), ("instance", instance), ("zone", zone));
        }

        Floats("weird", _ => Special[_random.Next(Special.Length)], ("job", job), ("instance", instance));
        Floats("huge", _ => (_random.NextDouble() < 0.8 ? 1.2e308 : -1.2e308) * _random.NextDouble(), ("job", job), ("instance", instance));
        Floats("start_time_seconds", t => Math.Floor(t / 1e5) * 100, ("job", job), ("instance", instance));
        Floats("build_info", static _ => 1, ("job", job), ("instance", instance), ("version", instance == "c10" ? "1.10" : "1.9"));
        Floats("target_info", static _ => 1, ("job", job), ("instance", instance), ("region", job == "db" ? "eu" : "us"), ("version", "7"));
        ClassicHistogram(job, instance);
        var counter = new HistogramSource(_random, custom: false, gauge: false);
        Histograms("nh_seconds", true, counter, ("job", job), ("instance", instance));
        Histograms("nh_float_seconds", false, new HistogramSource(_random, custom: false, gauge: false), ("job", job), ("instance", instance));
        Histograms("nh_gauge", false, new HistogramSource(_random, custom: false, gauge: true), ("job", job), ("instance", instance));
        Histograms("nhcb_seconds", true, new HistogramSource(_random, custom: true, gauge: false), ("job", job), ("instance", instance));
        Mixed(job, instance);
    }

    private Func<long, double> Counter(double perSample)
    {
        double value = _random.Next(1000);
        return _ => value = _random.Next(60) == 0 ? _random.Next(3) : value + Math.Round(perSample * _random.NextDouble() * 4, _random.Next(2));
    }

    private void Floats(string name, Func<long, double> value, params (string, string)[] labels)
    {
        var series = Series(name, labels);
        foreach (var (time, stale) in Times())
        {
            series.Add(time, stale ? SpecialValues.StaleNaN : value(time));
        }
    }

    private void Histograms(string name, bool integer, HistogramSource source, params (string, string)[] labels)
    {
        var series = Series(name, labels, integer);
        foreach (var (time, stale) in Times())
        {
            series.Add(time, stale ? HistogramSource.Stale : source.Next());
        }
    }

    private void Mixed(string job, string instance)
    {
        var series = Series("mixed", [("job", job), ("instance", instance)]);
        var source = new HistogramSource(_random, custom: false, gauge: false);
        var custom = new HistogramSource(_random, custom: true, gauge: false);
        var (kind, before) = (0, 0);
        var phase = 0L;
        foreach (var (time, stale) in Times())
        {
            if ((time - Start) / PhaseMs != phase)
            {
                phase = (time - Start) / PhaseMs;
                (kind, before) = (_random.Next(3), kind);
            }

            if (kind == 0)
            {
                // A receiver that last stored histograms takes a float marker in the same request for the end of those.
                series.Add(time, stale && before == 0 ? SpecialValues.StaleNaN : _random.Next(100));
            }
            else
            {
                series.Add(time, stale ? HistogramSource.Stale : kind == 1 ? source.Next() : custom.Next());
            }
        }
    }

    private void ClassicHistogram(string job, string instance)
    {
        string[] bounds = ["0.1", "0.5", "1", "2.5", "+Inf"];
        var buckets = bounds.Select(b => Series("latency_seconds_bucket", [("job", job), ("instance", instance), ("le", b)])).ToArray();
        var count = Series("latency_seconds_count", [("job", job), ("instance", instance)]);
        var sum = Series("latency_seconds_sum", [("job", job), ("instance", instance)]);
        var counts = new double[bounds.Length];
        double total = 0;
        foreach (var (time, stale) in Times())
        {
            if (_random.Next(80) == 0)
            {
                Array.Clear(counts);
                total = 0;
            }

            var above = 0;
            for (var b = bounds.Length - 1; b >= 0; b--)
            {
                above = _random.Next(5);
                for (var c = b; c < counts.Length; c++)
                {
                    counts[c] += above;
                }

                total += above * (b + 0.3);
            }

            for (var b = 0; b < buckets.Length; b++)
            {
                // Now and then a bucket lags behind the one below it.
                var value = b > 0 && _random.Next(100) == 0 ? counts[b - 1] - 1 : counts[b];
                buckets[b].Add(time, stale ? SpecialValues.StaleNaN : value);
            }

            count.Add(time, stale ? SpecialValues.StaleNaN : counts[^1]);
            sum.Add(time, stale ? SpecialValues.StaleNaN : total);
        }
    }

    /// <summary>Classic histograms without +Inf, with equal bounds in two spellings, with a broken bound, with negative bounds.</summary>
    private void OddBuckets()
    {
        string[][] layouts = [["1", "2", "5"], ["1", "1.0", "2", "+Inf"], ["1", "broken", "+Inf"], ["-5", "-1", "0", "+Inf"], ["+Inf"]];
        for (var i = 0; i < layouts.Length; i++)
        {
            double value = 0;
            foreach (var bound in layouts[i])
            {
                value += _random.Next(6);
                var own = value;
                Floats("odd_bucket", _ => own += 0.25 * (own + 1), ("job", Jobs[i % 2]), ("le", bound), ("layout", i.ToString(CultureInfo.InvariantCulture)));
            }
        }
    }

    /// <summary>Scrape times with jitter, gaps and stale markers; the first is the same for all series.</summary>
    private IEnumerable<(long Time, bool Stale)> Times()
    {
        var interval = _random.Next(4) == 0 ? 30_000 : 15_000;
        var offset = _random.Next(interval);
        var jitter = _random.Next(3) == 0 ? 200 : 0;
        yield return (Start, false);
        for (var t = Start + 1000 + offset; t < End; t += interval)
        {
            yield return (t + _random.Next(jitter + 1), false);
            if (_random.Next(60) == 0)
            {
                var missed = _random.Next(2, 30);
                if (_random.Next(2) == 0)
                {
                    t += interval;
                    yield return (t, true);
                }

                t += missed * interval;
            }
        }
    }

    private DataSeries Series(string name, (string, string)[] labels, bool integer = false) => _data.Add(Labels.Of([(Labels.MetricName, name), .. labels]), integer);
}
