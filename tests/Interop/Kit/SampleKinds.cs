using System.Globalization;
using Deucalion.Common.Samples;
using Deucalion.Testing.RemoteWrite;

namespace Deucalion.Interop.Kit;

/// <summary>Series of every kind of sample, the same for the same seed. Histogram series have a label <c>kind</c>: <c>integer</c> or <c>float</c>.</summary>
public static class SampleKinds
{
    private static readonly double[] Oddities = [0, -0.0, 1.5, -1e300, 1e-300, double.PositiveInfinity, double.NegativeInfinity, double.NaN, 5e-324, 42];

    public static IReadOnlyList<SampleSeries> Create(long start, long step, int count, int seed)
    {
        var random = new Random(seed);
        var times = Enumerable.Range(0, count).Select(i => start + (i * step)).ToList();
        var series = new List<SampleSeries>();
        for (var s = 0; s < 12; s++)
        {
            var total = 0.0;
            series.Add(Floats("requests_total", s, times.Select(t => (t, total = random.Next(150) == 0 ? 0 : total + random.Next(50)))));
        }

        for (var s = 0; s < 6; s++)
        {
            series.Add(Floats("temperature", s, times.Select(t => (t, Math.Round(20 + (random.NextDouble() * 10), 2)))));
        }

        series.Add(Floats("odd\"name\n", 0, times.Select((t, i) => (t, Oddities[i % Oddities.Length]))));
        for (var s = 0; s < 3; s++)
        {
            series.Add(Floats("flapping", s, times.Where(_ => random.Next(4) != 0).Select(t => (t, random.Next(5) == 0 ? SpecialValues.StaleNaN : random.NextDouble()))));
            foreach (var integer in new[] { true, false })
            {
                series.Add(Histograms("latency", s, integer, times, Exponential(random, integer, CounterResetHint.Unknown)));
                series.Add(Histograms("queue", s, integer, times, Exponential(random, integer, CounterResetHint.Gauge)));
                series.Add(Histograms("size", s, integer, times, Custom(random, integer)));
                series.Add(Histograms("fading", s, integer, times, Fading(random, integer)));
            }
        }

        return series;
    }

    /// <summary>Writes the samples of a range (its end not included) in one request of remote write 1.0.</summary>
    public static async Task PushAsync(HttpClient http, string path, IReadOnlyList<SampleSeries> series, long start, long end)
    {
        var request = new WriteRequestEncoder();
        foreach (var one in series)
        {
            var histograms = new List<byte>();
            foreach (var (time, value) in one.Histograms.Where(h => h.Time >= start && h.Time < end))
            {
                HistogramMessage.Append(histograms, time, value, one.IntegerCounts);
            }

            request.Series(one.Labels, [.. one.Floats.Where(f => f.Time >= start && f.Time < end)], unknown: [.. histograms]);
        }

        await Pushing.PushAsync(http, request, path);
    }

    private static SampleSeries Floats(string name, int number, IEnumerable<(long, double)> samples) =>
        new([("__name__", name), ("instance", Text(number)), ("job", number % 2 == 0 ? "even" : "odd")], [.. samples], [], false);

    private static SampleSeries Histograms(string name, int number, bool integer, List<long> times, Func<FloatHistogram> next) => new(
        [("__name__", $"{name}_seconds"), ("instance", Text(number)), ("kind", integer ? "integer" : "float")], [], [.. times.Select(t => (t, next()))], integer);

    private static string Text(int number) => number.ToString("00", CultureInfo.InvariantCulture);

    // Counters grow and get new buckets, and begin anew now and then; gauges go up and down.
    private static Func<FloatHistogram> Exponential(Random random, bool integer, CounterResetHint hint)
    {
        double[] positive = [], negative = [];
        var (zero, sum) = (0.0, 0.0);
        return () =>
        {
            if (positive.Length == 0 || random.Next(100) == 0 || hint == CounterResetHint.Gauge)
            {
                (positive, negative, zero, sum) = (new double[4], new double[2], 0, 0);
            }

            if (random.Next(60) == 0 && positive.Length < 12)
            {
                positive = [.. positive, 0];
            }

            positive = [.. positive.Select(c => c + Amount(random, integer))];
            negative = [.. negative.Select(c => c + Amount(random, integer))];
            zero += Amount(random, integer);
            sum += random.NextDouble() * 10;
            return new FloatHistogram
            {
                IsInteger = integer,
                CounterResetHint = hint,
                Schema = 1,
                ZeroThreshold = 0.001,
                ZeroCount = zero,
                Count = zero + positive.Sum() + negative.Sum(),
                Sum = sum,
                PositiveSpans = [new(-1, 2), new(2, (uint)positive.Length - 2)],
                PositiveBuckets = positive,
                NegativeSpans = [new(0, 2)],
                NegativeBuckets = negative,
            };
        };
    }

    // A counter that goes away now and then: a stale marker stands in its place.
    private static Func<FloatHistogram> Fading(Random random, bool integer)
    {
        var next = Exponential(random, integer, CounterResetHint.Unknown);
        var count = 0;
        return () => ++count % 17 == 0 ? new FloatHistogram { IsInteger = integer, Sum = SpecialValues.StaleNaN } : next();
    }

    private static Func<FloatHistogram> Custom(Random random, bool integer)
    {
        var counts = new double[4];
        var sum = 0.0;
        return () =>
        {
            counts = [.. counts.Select(c => c + Amount(random, integer))];
            sum += random.NextDouble() * 10;
            return new FloatHistogram
            {
                IsInteger = integer,
                Schema = FloatHistogram.CustomBucketsSchema,
                Count = counts.Sum(),
                Sum = sum,
                PositiveSpans = [new(0, 4)],
                PositiveBuckets = counts,
                CustomValues = [0.1, 1, 12.5],
            };
        };
    }

    private static double Amount(Random random, bool integer) => integer ? random.Next(6) : random.NextDouble() * 5;
}
